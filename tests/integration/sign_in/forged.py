"""Access tokens that are good in all but one thing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from joserfc.jwk import ECKey

from services.identity.settings import DEV_KEY_SECRET
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import Bearer, claims_for, sign
from tests.identity_samples import ptk
from tests.integration.planning.house import JANUARY
from tests.integration.sign_in.house import House

TEACHER = Bearer(UUID(int=1), UUID(str(ptk(1))))
HOUR = timedelta(hours=1)


async def _signed(house: House, issuer: str, at: datetime, key: ECKey | None = None) -> str:
    with house.database.active():
        own = await Keyring(DEV_KEY_SECRET).signing_key(JANUARY, house.database.connection)
    return sign(claims_for(TEACHER, issuer, at), key or own)


async def of_an_hour_ago(house: House) -> str:
    return await _signed(house, house.identity, JANUARY - HOUR)


async def of_the_next_hour(house: House) -> str:
    return await _signed(house, house.identity, JANUARY + HOUR)


async def of_another_issuer(house: House) -> str:
    return await _signed(house, house.provider.issuer, JANUARY)


async def by_a_foreign_key(house: House) -> str:
    with house.database.active():
        own = await Keyring(DEV_KEY_SECRET).signing_key(JANUARY, house.database.connection)
    return await _signed(house, house.identity, JANUARY, ECKey.generate_key("P-256", {"kid": str(own.kid)}))
