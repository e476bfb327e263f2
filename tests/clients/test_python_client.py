"""A teacher's journey by the generated Python client, in a virtual environment without our packages."""

from __future__ import annotations

import pytest

from demo import people
from devtools.clients.python import TOOLS
from devtools.npm import CHECKOUT
from tests.clients.conftest import Report
from tests.clients.processes import run
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)


async def test_teacher_makes_the_journey_by_the_python_client(
    services: Services, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = (await services.sign_in(people.BIMA), await services.sign_in(people.HARTINI))
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT / "clients" / "python"))
    code, output = await run(TOOLS / "python", "clients/python/tests/journey.py", services.url, *tokens)
    assert (code, output.strip()) == (0, "IN_IMPLEMENTATION"), output
    report("the Python client: a teacher's journey")
