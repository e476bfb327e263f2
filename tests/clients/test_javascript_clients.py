"""A teacher's whole journey by each JavaScript client in its default setting, with the shipped documents.

Each checks that neither the client nor its cache loses a value of an answer (javascript/journey.ts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

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
}
UNFIT = {
    "apollo": "Viewer has no id, so its fields replace each other in the cache",
    "apollo-trusted": "Viewer has no id, so its fields replace each other in the cache",
}
HEADS = {people.RIZAL: people.NORHAYATI, people.RATNA: people.HARTINI, people.SEKAR: people.HARTINI}


async def test_journeys_fit_the_types_of_the_documents() -> None:
    code, output = await run(NODE, NODE_MODULES / ".bin" / "tsc", "--project", "tests/clients/javascript")
    assert code == 0, output


def list_journeys() -> Iterator[ParameterSet]:
    for client, teacher in TEACHERS.items():
        reason = UNFIT.get(client, "")
        yield pytest.param(
            client,
            teacher,
            id=client,
            marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [],
        )


@pytest.mark.parametrize(("client", "teacher"), list(list_journeys()))
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
