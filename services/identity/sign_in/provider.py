"""The OpenID Connect provider: its description, its keys, and how it is asked."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.sign_in.apps import challenge_of
from services.identity.sign_in.id_token import Expected, proven_address
from services.identity.sign_in.model import Attempt
from services.kit.clock import Clock
from services.kit.http import read_limited
from services.kit.problems import Problem, RequestRefused
from services.kit.settings import is_loopback_url
from services.kit.tokens import KeyCache

TRY_SECONDS = 5.0  # a person waits meanwhile
LARGEST = 256 * 1024

Json = dict[str, Any]


class ProviderAway(RequestRefused):
    """The provider does not answer, or not as a provider does; nothing is wrong with who signs in."""

    def __init__(self) -> None:
        super().__init__(Problem("signin.provider_away"))


class ProviderWire:
    """The connections to the provider. A redirect is no answer: secrets go to nobody else."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """With connections; in the running loop."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TRY_SECONDS)) as self._session:
            yield

    async def get(self, url: str) -> Json:
        """The JSON object there; ProviderAway where there is none."""
        status, told = await self._asked("GET", url, {})
        if status != 200:
            raise ProviderAway
        return told

    async def post(
        self, url: str, form: Mapping[str, str], client: tuple[str, str], *, basic: bool
    ) -> tuple[int, Json]:
        """The status and the JSON object that a form is answered with; ProviderAway where there is none.

        `client`: our id and secret there, shown in a header (`basic`) or else in the form.
        """
        client_id, secret = client
        if basic:
            # encoded as in a form before it becomes a header (RFC 6749, section 2.3.1)
            shown = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(secret))
            return await self._asked("POST", url, {"data": form, "headers": {"authorization": shown}})
        return await self._asked(
            "POST", url, {"data": {**form, "client_id": client_id, "client_secret": secret}}
        )

    async def _asked(self, method: str, url: str, given: Mapping[str, Any]) -> tuple[int, Json]:
        assert self._session is not None, "open() comes first"
        try:
            async with self._session.request(method, url, allow_redirects=False, **given) as response:
                told = json.loads(await read_limited(response, LARGEST))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
            raise ProviderAway from None
        if response.status >= 500 or not isinstance(told, dict):
            raise ProviderAway
        return response.status, told


log = logging.getLogger(__name__)

OLD_SECONDS = 3600.0


class Description(BaseModel):
    """Where to send people, codes and questions for keys; how we show who we are."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def takes_basic(self) -> bool:
        """Whether the client's secret goes into a header, or else into the form."""
        return "client_secret_basic" in self.token_endpoint_auth_methods_supported


def description_of(told: Json, issuer: str, *, loopback: bool) -> Description:
    """The description, if it is this issuer's and all of it is https; else ProviderAway.

    `loopback`: http will do on this machine (development).
    """
    try:
        description = Description.model_validate(told)
    except ValidationError:
        raise ProviderAway from None
    urls = (description.authorization_endpoint, description.token_endpoint, description.jwks_uri)
    safe = all(url.startswith("https://") or (loopback and is_loopback_url(url)) for url in urls)
    if description.issuer != issuer or not safe:
        raise ProviderAway
    return description


class KeptDescription:
    """An issuer's description, asked for when it is needed and kept for an hour, or until the issuer is back."""

    def __init__(self, issuer: str, wire: ProviderWire, *, loopback: bool) -> None:
        self._issuer, self._wire, self._loopback = issuer, wire, loopback
        self._kept: Description | None = None
        self._read_at = float("-inf")

    async def get(self) -> Description:
        """The description; ProviderAway where it never could be had."""
        if self._kept is None or time.monotonic() - self._read_at >= OLD_SECONDS:
            try:
                self._kept, self._read_at = await self._read(), time.monotonic()
            except ProviderAway:
                if self._kept is None:
                    raise
                log.warning("the provider's description cannot be had; the known one stays in use")
        return self._kept

    async def _read(self) -> Description:
        told = await self._wire.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        return description_of(told, self._issuer, loopback=self._loopback)


# never `none`, and never HS256: a public key must not serve as a shared secret
ALGORITHMS = ["RS256", "ES256"]
SMALLEST_RSA = 2048

Key = RSAKey | ECKey


async def signed_claims(token: str, keys: KeyCache[Key]) -> dict[str, Any]:
    """The claims of an ID token that the provider signed; Refused for any other, ProviderAway without its keys."""
    try:
        told = jws.extract_compact(token.encode()).headers()
        kid = told.get("kid")
        if told.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise ValueError("header")
        return dict(jwt.decode(token, await keys.get(kid), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError) as error:
        log.info("ID token refused: %s", type(error).__name__)  # its text may hold what was sent
        raise RequestRefused(Problem("signin.id_token", {"rule": "signature"})) from None


def keys_of(told: Json) -> Mapping[str, Key]:
    """The provider's keys by id (RFC 7517); ProviderAway where there is none that can be used."""
    listed = told.get("keys")
    if usable := dict(_usable(listed if isinstance(listed, list) else [])):
        return usable
    raise ProviderAway


def _usable(keys: list[Any]) -> Iterator[tuple[str, Key]]:
    for told in keys:
        try:
            if told.get("use", "sig") == "sig" and (key := _imported(told)):
                yield str(told["kid"]), key
        except (JoseError, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("a key of the provider is of no use: %s", type(error).__name__)


def _imported(told: Json) -> Key | None:
    if told.get("kty") == "EC" and told.get("crv") == "P-256":
        return ECKey.import_key(told)
    if told.get("kty") == "RSA":
        key = RSAKey.import_key(told)
        return key if key.public_key.key_size >= SMALLEST_RSA else None
    return None


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
        self._keys: KeyCache[Key] = KeyCache(self._read_keys)

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
        """The address that a code proves, in lower case; RequestRefused with the rule that failed, or ProviderAway."""
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
            raise RequestRefused(Problem("signin.code"))
        return token

    async def _read_keys(self) -> Mapping[str, Key]:
        return keys_of(await self._wire.get((await self._description.get()).jwks_uri))
