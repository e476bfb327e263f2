"""Requests that schemathesis generates for each kind of caller cause no fault.

They change the data of the services, so this module is the last.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo import people
from demo.people import Person
from devtools.clients.python import TOOLS
from tests.clients.conftest import Report
from tests.clients.processes import run
from tests.clients.services import Services
from tests.contract.sdl import SDL_FILE

pytestmark = pytest.mark.timeout(600)
EXAMPLES = 10  # for each field of Query and Mutation


@pytest.mark.parametrize(
    ("person", "mode"),
    # `all` sends invalid requests too
    [(people.SEKAR, "positive"), (people.HARTINI, "all"), (people.LARAS, "positive")],
    ids=["teacher", "head", "admin"],
)
async def test_generated_requests_cause_no_fault(
    person: Person,
    mode: str,
    services: Services,
    report: Report,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = tmp_path / "codes"
    monkeypatch.setenv("FUZZING_CODES", str(codes))
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "checks")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("fuzzing")))
    code, output = await run(
        TOOLS / "schemathesis", "run", SDL_FILE, "--url", services.url, "--checks", "no_fault",
        "--header", f"Authorization: Bearer {await services.sign_in(person)}",
        "--max-examples", str(EXAMPLES), "--mode", mode, "--phases", "fuzzing", "--generation-deterministic",
        "--continue-on-failure", "--suppress-health-check", "all", "--no-color",
        seconds=300, folder=tmp_path,  # it leaves a cache where it runs
    )  # fmt: skip
    assert code == 0, output[-6_000:]
    counts = Counter(codes.read_text().split())
    assert counts["data"] > 50, counts
    answers = ", ".join(f"{count} {code}" for code, count in counts.most_common())
    report(f"schemathesis as {person.name}: no fault; {answers}")
