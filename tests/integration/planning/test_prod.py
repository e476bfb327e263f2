"""Planning in `prod`: who may send documents that are not trusted, and that development's conveniences are absent."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from services.planning.api.documents import load_trusted_documents
from services.planning.api.schema import sdl
from services.planning.app import create_app
from services.planning.settings import PlanningSettings
from tests.integration.planning.environment import ISSUER, Client, Environment
from tests.integration.planning.http_edge import problem_codes
from tests.integration.planning.partners import partner_client, register_partner
from tests.serving import serving
from tests.small_registry import ADMIN, PNS

TEXT = {"query": "{ __typename }"}
VIEWER = {
    "documentId": next(
        digest for digest, document in load_trusted_documents().items() if document.name == "web/Viewer"
    )
}
INTROSPECTION = {"query": "{ __schema { queryType { name } } }"}


@asynccontextmanager
async def serve_in_prod(environment: Environment) -> AsyncIterator[aiohttp.ClientSession]:
    """Planning in `prod` at the same instant, beside the environment's."""
    credentials = await register_partner(environment, scope="registry:read")
    settings = PlanningSettings(
        env="prod",
        identity_url=str(environment.identity._base_url),
        identity_issuer=ISSUER,
        client_id=credentials.client_id,
        client_secret=credentials.secret,
        planning_database_url=f"asyncpg://planning:{secrets.token_hex(16)}@localhost/planning",
    )
    app = create_app(settings.model_copy(update={"now": environment.now}), environment.database)
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def ask(session: aiohttp.ClientSession, caller: Client, body: Mapping[str, Any]) -> tuple[int, object]:
    status, answer = await replace(caller, session=session).post(body)
    return status, problem_codes(answer) if "errors" in answer else answer["data"]


async def test_documents_of_their_own_are_for_partners_and_admins(environment: Environment) -> None:
    teacher, admin = await environment.sign_in(PNS), await environment.sign_in(ADMIN)
    partner = await partner_client(environment)
    async with serve_in_prod(environment) as session:
        assert await ask(session, teacher, TEXT) == (403, ["request.document_not_trusted"])
        for caller in (admin, partner):
            assert await ask(session, caller, TEXT) == (200, {"__typename": "Query"})
        status, answer = await ask(session, teacher, VIEWER)
        assert (status, isinstance(answer, dict)) == (200, True)


async def test_documents_of_their_own_can_be_switched_off(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_FREE_FORM_DOCUMENTS", "false")
    admin, partner = await environment.sign_in(ADMIN), await partner_client(environment)
    async with serve_in_prod(environment) as session:
        for caller in (admin, partner):
            assert await ask(session, caller, TEXT) == (403, ["request.document_not_trusted"])
        status, answer = await ask(session, admin, VIEWER)
        assert (status, isinstance(answer, dict)) == (200, True)


@pytest.mark.parametrize("setting", ["RENCANA_GATEWAY_SECRET", "RENCANA_GATEWAY_SECRET_PREVIOUS"])
async def test_gateway_sends_documents_of_its_own_for_persons(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    secret = secrets.token_urlsafe(32)
    monkeypatch.setenv(setting, secret)
    teacher = await environment.sign_in(PNS)
    async with serve_in_prod(environment) as session:
        gateway = replace(teacher, headers={**teacher.headers, "x-rencana-gateway": secret})
        assert await ask(session, gateway, TEXT) == (200, {"__typename": "Query"})
        nobody = replace(gateway, headers={"x-rencana-gateway": secret})
        assert await ask(session, nobody, TEXT) == (401, ["auth.sign_in_required"])


@pytest.mark.parametrize("sent", ["", "x" * 43, "é"])
@pytest.mark.parametrize("secret", ["", secrets.token_urlsafe(32)], ids=["no gateway", "a gateway"])
async def test_wrong_secret_of_a_gateway_is_refused(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, secret: str, sent: str
) -> None:
    monkeypatch.setenv("RENCANA_GATEWAY_SECRET", secret)
    teacher, before = await environment.sign_in(PNS), await environment.dump_tables()
    mutation = {"query": "mutation { startPlan(input: {}) { __typename } }"}
    async with serve_in_prod(environment) as session:
        caller = replace(teacher, headers={**teacher.headers, "x-rencana-gateway": sent})
        assert await ask(session, caller, mutation) == (403, ["request.document_not_trusted"])
    assert await environment.dump_tables() == before


async def test_documents_of_a_gateway_can_be_switched_off(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = secrets.token_urlsafe(32)
    monkeypatch.setenv("RENCANA_GATEWAY_SECRET", secret)
    monkeypatch.setenv("RENCANA_FREE_FORM_DOCUMENTS", "false")
    teacher = await environment.sign_in(PNS)
    async with serve_in_prod(environment) as session:
        gateway = replace(teacher, headers={**teacher.headers, "x-rencana-gateway": secret})
        assert await ask(session, gateway, TEXT) == (403, ["request.document_not_trusted"])


async def test_introspection_and_explorer_are_absent_and_the_sdl_is_a_file(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    async with serve_in_prod(environment) as session:
        assert await ask(session, admin, INTROSPECTION) == (400, ["request.document"] * 2)
        async with session.get("/graphql", headers={"accept": "text/html"}) as response:
            assert response.status == 406
        for path in ("token", "explorer.js", "graphiql/graphiql.min.js"):
            async with session.request("POST", f"/graphql/explorer/{path}") as response:
                assert response.status == 404
        async with session.get("/graphql/schema.graphql") as response:
            assert await response.text() == sdl()
