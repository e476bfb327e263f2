"""An app that asks for one person too often is put off, and loses nothing by it: what it showed is good afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from tests.integration.planning.house import JANUARY
from tests.integration.sign_in.app import VERIFIER, code_for, entered
from tests.integration.sign_in.house import APP, REDIRECT, WEB, House
from tests.serving import serving


@pytest.fixture
async def strict(house: House) -> AsyncIterator[House]:
    """The same house by another door, that gives one token a minute to each person."""
    settings = IdentitySettings(
        env="dev", identity_issuer=house.identity, oidc_issuer=house.provider.issuer, oidc_client_id="x",
        oidc_client_secret=SecretStr("y"), web_origins=(WEB,), apps={APP: (REDIRECT,)}, sign_ins_per_account=1,
    )  # fmt: skip
    async with serving(create_app(settings, house.database, Clock(JANUARY))) as url:
        yield replace(house, identity=url)


async def asked(house: House, **form: str) -> int:
    """The status of `/token` for the app."""
    async with house.provider.session.post(
        f"{house.identity}/token", data={"client_id": APP, **form}
    ) as answer:
        return answer.status


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
async def test_over_the_limit_nothing_is_used_up(house: House, strict: House, grant: str) -> None:
    if grant == "refresh_token":
        form = {"grant_type": grant, "refresh_token": (await entered(house))["refresh_token"]}
    else:
        form = {
            "grant_type": grant, "code": await code_for(house, 1), "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }  # fmt: skip
    another = (await entered(house))["refresh_token"]
    assert await asked(strict, grant_type="refresh_token", refresh_token=another) == 200
    before = await house.written()
    assert [await asked(strict, **form) for _ in range(3)] == [429] * 3
    assert await house.written() == before
    assert await asked(house, **form) == 200
