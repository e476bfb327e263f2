"""The audits of graphql-http, the reference of GraphQL over HTTP: every MUST and every SHOULD."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from demo import people
from devtools.npm import NODE
from tests.clients.conftest import Report
from tests.clients.processes import run
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)


async def test_planning_passes_the_audits_of_graphql_over_http(services: Services, report: Report) -> None:
    token = await services.sign_in(people.SEKAR)
    code, output = await run(NODE, "tests/clients/javascript/audit.ts", services.url, token)
    assert code == 0, output
    audits = json.loads(output)
    counts = Counter(audit["name"].split()[0] for audit in audits)
    assert counts["MUST"] >= 13
    assert counts["SHOULD"] >= 23
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    report(
        "graphql-http audits: " + ", ".join(f"{count} of {count} {level}" for level, count in counts.items())
    )
