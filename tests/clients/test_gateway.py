"""Planning in a federated graph: composed with another subgraph, and read through Apollo's gateway."""

from __future__ import annotations

import json

import pytest

from demo import people
from devtools.npm import NODE
from tests.clients.conftest import Report
from tests.clients.processes import run
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)


async def test_gateway_joins_plans_with_another_subgraph(services: Services, report: Report) -> None:
    token = await services.sign_in(people.BIMA)
    code, output = await run(NODE, "tests/clients/javascript/gateway.ts", services.url, token)
    assert code == 0, output
    answers = json.loads(output.splitlines()[-1])
    plan = answers["plan"]
    assert answers["entity"] == {"data": {"report": {"title": "Rapor", "plan": {**plan, "pages": 3}}}}
    assert answers["extended"] == {
        "data": {"plan": {"id": plan["id"], "version": plan["version"], "pages": 3}}
    }
    report("gateway: composed with another subgraph; an entity read by its key")
