"""Every sign-in endpoint with every kind of access token: a token is not a session and changes nothing.

The endpoints are read from the app, so that a new one without a row fails. `pytest -s` prints the table.
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import pytest
from pydantic import SecretStr
from starlette.routing import Route

from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.kit.database import Database
from tests.credentials import authorization
from tests.integration.sign_in.app import sign_in_app
from tests.integration.sign_in.environment import APP, FROM_WEB, REDIRECT, WEB, Environment
from tests.integration.sign_in.forged_tokens import make_expired_token, make_token_of_another_key
from tests.small_registry import ADMIN
from tests.table import Table

# the outcome at each endpoint for a request with an access token only
OUTCOMES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "GET /login": ({}, "to the provider"),
    "GET /authorize": ({}, "signin.app_unknown"),
    "GET /callback": ({}, "signin.attempt"),
    "POST /session/token": (FROM_WEB, "signin.no_session"),
    "OPTIONS /session/token": ({}, "signin.foreign_page"),
    "POST /logout": (FROM_WEB, "nothing to end"),
    "OPTIONS /logout": ({}, "signin.foreign_page"),
    "POST /revoke": ({}, "token.not_form"),
}


@pytest.fixture(scope="session")
async def presented_tokens(environment: Environment) -> Mapping[str, Mapping[str, str]]:
    """The headers of each kind of caller."""
    tokens = {
        "teacher": (await sign_in_app(environment, 1))["access_token"],
        "admin": (await sign_in_app(environment, ADMIN))["access_token"],
        "expired": await make_expired_token(environment),
        "foreign key": await make_token_of_another_key(environment),
    }
    async with aiohttp.ClientSession(environment.identity) as client:
        service = await authorization(client)
    people = {kind: {"authorization": f"Bearer {token}"} for kind, token in tokens.items()}
    return {"nobody": {}, **people, "service": service}


def list_endpoints(database: Database, **values: object) -> set[str]:
    """Return method and path of every route of an app with these settings."""
    settings = IdentitySettings.model_validate({"env": "dev", **values})
    routes = [route for route in create_app(settings, database).routes if isinstance(route, Route)]
    return {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}


async def send_request(environment: Environment, path: str, headers: Mapping[str, str]) -> str:
    """Return the outcome of a request. Nothing may be written."""
    method, path = path.split()
    before = await environment.dump_sessions()
    async with environment.provider.session.request(
        method, f"{environment.identity}{path}", headers=headers, allow_redirects=False
    ) as response:
        if response.status == 303:
            assert response.headers["location"].startswith(environment.provider.issuer)
            outcome = "to the provider"
        else:
            outcome = (
                "nothing to end" if response.status == 200 else (await response.json())["problems"][0]["code"]
            )
    assert await environment.dump_sessions() == before
    return outcome


async def test_access_token_does_not_authorize_sign_in_endpoints(
    environment: Environment, presented_tokens: Mapping[str, Mapping[str, str]]
) -> None:
    sign_in = {
        "oidc_issuer": "https://accounts.example", "oidc_client_id": "x", "oidc_client_secret": SecretStr("y"),
        "identity_issuer": "https://masuk.rencana.example", "web_origins": (WEB,), "apps": {APP: (REDIRECT,)},
    }  # fmt: skip
    assert list_endpoints(environment.database, **sign_in) - list_endpoints(environment.database) == set(
        OUTCOMES
    )
    table = Table("", *presented_tokens)
    for endpoint, (headers, outcome) in OUTCOMES.items():
        outcomes = [
            await send_request(environment, endpoint, {**headers, **token})
            for token in presented_tokens.values()
        ]
        table.add(endpoint, *outcomes)
        assert set(outcomes) == {outcome}, endpoint
    print(table)  # noqa: T201 - it is meant to be read
