"""A teacher reads, saves and submits a plan by each client library, with the shipped documents over HTTP.

`make test-clients` makes longer journeys, also by generated clients, whose tools take long to install.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from demo.scenarios.steps import BEHAVIOURS
from devtools.client_documents import OPERATIONS, load_client
from devtools.clients.__main__ import BUILD, SCHEMA
from devtools.clients.relay import compile_documents
from devtools.npm import NODE, install_packages
from tests.clients.gql_person import Person
from tests.clients.processes import run
from tests.integration.planning.environment import Client, Environment
from tests.small_registry import COLLEAGUE, OF_SMA, OF_SMP, PLT_OF_TK, PNS, PPPK

WEB = OPERATIONS / "web"
TEACHERS = {
    "apollo": PNS,
    "urql": PPPK,
    "relay": COLLEAGUE,
    "relay-trusted": OF_SMA,
    "graphql-request": OF_SMP,
    "rencana-source": PLT_OF_TK,
}
SUBMITTED = {"phase": "SUBMITTED", "requests": 10, "texts": 10, "faults": []}


def url_of(environment: Environment) -> str:
    assert environment.planning._base_url
    return str(environment.planning._base_url / "graphql")


def token_of(client: Client) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


async def test_javascript_clients_submit_plans_and_lose_nothing(environment: Environment) -> None:
    node_modules = await asyncio.to_thread(install_packages)
    assert compile_documents(WEB, SCHEMA, node_modules, BUILD / "relay" / WEB.name) == 0
    teachers = {name: await environment.sign_in(number) for name, number in TEACHERS.items()}
    arguments = {
        "url": url_of(environment),
        "tokens": {name: token_of(teacher) for name, teacher in teachers.items()},
        "documents": {document.name: document.text for document in load_client(WEB)},
    }
    # Apollo Client and graphcache warn of lost data in their builds for development only
    command = (NODE, "--conditions=development", "tests/clients/javascript/short.ts", json.dumps(arguments))
    _, output = await run(*command)
    try:
        results = json.loads(output)
    except ValueError:
        pytest.fail(output)
    assert results == {
        "results": dict.fromkeys(TEACHERS, SUBMITTED) | {"relay-trusted": SUBMITTED | {"texts": 0}},
        "warnings": [],
    }


async def test_gql_submits_a_plan(environment: Environment) -> None:
    url = url_of(environment)
    teacher = Person(url, token_of(await environment.sign_in(PNS)))

    assert (await teacher.send("Viewer"))["nama"]
    plan = await teacher.command("StartPlan")
    plan = await teacher.command("ConfirmProfile", plan)
    plan = await teacher.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await teacher.command("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-03"])
    plan = await teacher.command("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await teacher.command("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    await teacher.command("SubmitPlan", plan)
    plan = await teacher.send("Plan", id=plan["id"])
    assert plan["state"]["phase"] == "SUBMITTED"
