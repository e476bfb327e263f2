"""The OpenID Connect provider that people sign in at: where to send them, and whose address its answer proves.

joserfc checks the signature, `domain/id_token.py` every claim; nothing else of what the provider says is believed.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from services.identity.domain.app import challenge_of
from services.identity.domain.attempt import Attempt
from services.identity.domain.id_token import Expected, proven_address
from services.identity.login.provider_description import KeptDescription
from services.identity.login.provider_keys import Key, keys_of, signed_claims
from services.identity.login.provider_wire import ProviderAway as ProviderAway
from services.identity.login.provider_wire import ProviderWire
from services.kit.clock import Clock
from services.kit.keys import Keys
from services.kit.problem import Problem, Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Registration:
    """What we are to the provider, and whose people may enter. `redirect_uri` is our `/callback`."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    domains: tuple[str, ...]


class Provider:
    """One provider, which lives by the world's clock, whatever ours shows. `loopback`: http will do on this machine."""

    def __init__(self, registration: Registration, *, loopback: bool = False) -> None:
        self._ours, self._clock, self._wire = registration, Clock(), ProviderWire()
        self._description = KeptDescription(registration.issuer, self._wire, loopback=loopback)
        self._keys: Keys[Key] = Keys(self._read_keys)

    @property
    def issuer(self) -> str:
        """The name by which it signs."""
        return self._ours.issuer

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """With connections; the provider is asked for nothing before somebody signs in."""
        async with self._wire.open():
            yield

    async def address_for(self, attempt: Attempt, state: str) -> str:
        """Where the browser goes to sign in; ProviderAway where the provider does not say."""
        asked = {
            "response_type": "code", "scope": "openid email", "client_id": self._ours.client_id,
            "redirect_uri": self._ours.redirect_uri, "state": state, "nonce": attempt.nonce,
            "code_challenge": challenge_of(attempt.code_verifier), "code_challenge_method": "S256",
            # computers in schools are shared: whoever signed in there last is not taken for granted
            "prompt": "select_account",
        }  # fmt: skip
        endpoint = (await self._description.get()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def proven_address(self, code: str, attempt: Attempt) -> str:
        """The address that a code proves, in lower case; Refused with the rule that failed, or ProviderAway."""
        claims = await signed_claims(await self._id_token(code, attempt), self._keys)
        ours = self._ours
        expected = Expected(ours.issuer, ours.client_id, attempt.nonce, ours.domains)
        return proven_address(claims, expected, self._clock.now())

    async def _id_token(self, code: str, attempt: Attempt) -> str:
        ours, described = self._ours, await self._description.get()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": ours.redirect_uri,
            "code_verifier": attempt.code_verifier,
        }  # fmt: skip
        client = ours.client_id, ours.client_secret
        status, told = await self._wire.post(
            described.token_endpoint, form, client, basic=described.takes_basic
        )
        if status == 401:
            log.error("the provider refuses RENCANA_OIDC_CLIENT_ID with RENCANA_OIDC_CLIENT_SECRET")
            raise ProviderAway
        token = told.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise Refused(Problem("signin.code"))
        return token

    async def _read_keys(self) -> Mapping[str, Key]:
        return keys_of(await self._wire.get((await self._description.get()).jwks_uri))
