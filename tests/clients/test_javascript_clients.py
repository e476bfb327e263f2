"""A teacher's whole journey by each JavaScript client in its default setting, with the shipped documents.

Each checks that neither the client nor its cache loses a value of an answer (javascript/journey.ts).
"""

from __future__ import annotations

import json

import pytest

from demo import people
from demo.people import Person
from devtools.npm import NODE, NODE_MODULES
from tests.clients.conftest import Report
from tests.clients.processes import run
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)
TEACHERS = {
    "apollo": people.ANCE,
    "urql": people.FRANS,
    "relay": people.PETRUS,
    "graphql-request": people.ELISABET,
    "rencana": people.RIZAL,
    "apollo-trusted": people.RATNA,
    "urql-trusted": people.SEKAR,
    "relay-trusted": people.SYAHRANI,
}
HEADS = {
    people.RIZAL: people.NORHAYATI,
    people.RATNA: people.HARTINI,
    people.SEKAR: people.HARTINI,
    people.SYAHRANI: people.NORHAYATI,
}


async def test_journeys_fit_the_types_of_the_documents() -> None:
    code, output = await run(NODE, NODE_MODULES / ".bin" / "tsc", "--project", "tests/clients/javascript")
    assert code == 0, output


@pytest.mark.parametrize(("client", "teacher"), TEACHERS.items(), ids=TEACHERS)
async def test_client_loses_nothing_on_the_journey_of_a_teacher(
    client: str, teacher: Person, services: Services, report: Report
) -> None:
    head = HEADS.get(teacher, people.WELMINA)
    tokens = {"teacher": await services.sign_in(teacher), "head": await services.sign_in(head)}
    # Apollo Client and graphcache warn of lost data in their builds for development only
    script = (NODE, "--conditions=development", "tests/clients/javascript/main.ts")
    _, output = await run(*script, client, json.dumps({"url": services.url, **tokens}))
    try:
        result = json.loads(output)
    except ValueError:
        pytest.fail(output)
    assert result["faults"] == []
    assert result["warnings"] == []
    assert result["texts"] == (0 if client.endswith("-trusted") else result["requests"]), (
        "texts of documents sent"
    )
    figures = (
        f"{result['requests']} requests, {result['texts']} with a document, {result['reads']} cache reads"
    )
    report(f"{client}: a teacher's journey, {figures}, nothing lost")
