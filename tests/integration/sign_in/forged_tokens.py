"""Access tokens with exactly one fault."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from joserfc.jwk import ECKey

from services.identity.settings import DEV_KEY_SECRET
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import AccountSubject, build_claims, sign_token
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY
from tests.integration.sign_in.environment import Environment

TEACHER = AccountSubject(UUID(int=1), UUID(str(ptk(1))))
HOUR = timedelta(hours=1)


async def _sign_token(environment: Environment, issuer: str, at: datetime, key: ECKey | None = None) -> str:
    with environment.database.active():
        own = await Keyring(DEV_KEY_SECRET).load_signing_key(JANUARY, environment.database.connection)
    return sign_token(build_claims(TEACHER, issuer, at), key or own)


async def make_expired_token(environment: Environment) -> str:
    return await _sign_token(environment, environment.identity, JANUARY - HOUR)


async def make_future_token(environment: Environment) -> str:
    return await _sign_token(environment, environment.identity, JANUARY + HOUR)


async def make_token_of_another_issuer(environment: Environment) -> str:
    return await _sign_token(environment, environment.provider.issuer, JANUARY)


async def make_token_of_another_key(environment: Environment) -> str:
    with environment.database.active():
        own = await Keyring(DEV_KEY_SECRET).load_signing_key(JANUARY, environment.database.connection)
    return await _sign_token(
        environment, environment.identity, JANUARY, ECKey.generate_key("P-256", {"kid": str(own.kid)})
    )
