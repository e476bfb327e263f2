"""Every door of signing in against every kind of access token: a token is no session, and moves nothing here.

The doors are read from the app: a new one has no row, and fails here. With -s the table is printed.
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
from tests.integration.sign_in.app import entered
from tests.integration.sign_in.environment import APP, FROM_WEB, REDIRECT, WEB, Environment
from tests.integration.sign_in.forged import by_a_foreign_key, of_an_hour_ago
from tests.small_registry import ADMIN
from tests.table import Table

# what each door answers whoever brings a token, and nothing else that it asks for
DOORS: Mapping[str, tuple[Mapping[str, str], str]] = {
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
async def shown(environment: Environment) -> Mapping[str, Mapping[str, str]]:
    """By kind of caller, what each of them shows."""
    tokens = {
        "teacher": (await entered(environment, 1))["access_token"],
        "admin": (await entered(environment, ADMIN))["access_token"],
        "expired": await of_an_hour_ago(environment),
        "foreign key": await by_a_foreign_key(environment),
    }
    async with aiohttp.ClientSession(environment.identity) as client:
        service = await authorization(client)
    people = {kind: {"authorization": f"Bearer {token}"} for kind, token in tokens.items()}
    return {"nobody": {}, **people, "service": service}


def doors(database: Database, **given: object) -> set[str]:
    """Method and path of every route of an app with these settings."""
    settings = IdentitySettings.model_validate({"env": "dev", **given})
    routes = [route for route in create_app(settings, database).routes if isinstance(route, Route)]
    return {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}


async def answered(environment: Environment, door: str, headers: Mapping[str, str]) -> str:
    """What somebody is told at a door; whoever is told it, nothing is written."""
    method, path = door.split()
    before = await environment.dump_sessions()
    async with environment.provider.session.request(
        method, f"{environment.identity}{path}", headers=headers, allow_redirects=False
    ) as response:
        if response.status == 303:
            assert response.headers["location"].startswith(environment.provider.issuer)
            told = "to the provider"
        else:
            told = (
                "nothing to end" if response.status == 200 else (await response.json())["problems"][0]["code"]
            )
    assert await environment.dump_sessions() == before
    return told


async def test_a_token_opens_no_door_of_signing_in(
    environment: Environment, shown: Mapping[str, Mapping[str, str]]
) -> None:
    sign_in = {
        "oidc_issuer": "https://accounts.example", "oidc_client_id": "x", "oidc_client_secret": SecretStr("y"),
        "identity_issuer": "https://masuk.rencana.example", "web_origins": (WEB,), "apps": {APP: (REDIRECT,)},
    }  # fmt: skip
    assert doors(environment.database, **sign_in) - doors(environment.database) == set(DOORS)
    table = Table("", *shown)
    for door, (headers, answer) in DOORS.items():
        told = [await answered(environment, door, {**headers, **token}) for token in shown.values()]
        table.add(door, *told)
        assert set(told) == {answer}, door
    print(table)  # noqa: T201 - it is meant to be read
