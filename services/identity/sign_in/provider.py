"""The client of the OpenID Connect provider: its metadata, its keys, and ID tokens."""

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

from services.identity.sign_in.apps import compute_challenge
from services.identity.sign_in.id_token import ExpectedClaims, verify_identity
from services.identity.sign_in.model import Attempt, ProviderIdentity
from services.kit.clock import Clock
from services.kit.http import read_limited
from services.kit.problems import Problem, RequestRefused
from services.kit.settings import is_loopback_url
from services.kit.tokens import KeyCache

REQUEST_TIMEOUT_SECONDS = 5.0  # a person is waiting
MAX_RESPONSE_BYTES = 256 * 1024

Json = dict[str, Any]


class ProviderUnavailable(RequestRefused):
    """The provider does not answer, or its answer is invalid."""

    def __init__(self) -> None:
        super().__init__(Problem("signin.provider_away"))


class ProviderConnection:
    """HTTP requests to the provider. Redirects are not followed, so that secrets go nowhere else."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open the HTTP session in the running event loop."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
        ) as self._session:
            yield

    async def get(self, url: str) -> Json:
        """Return the JSON object at a URL. Raises ProviderUnavailable."""
        status, body = await self._request("GET", url, {})
        if status != 200:
            raise ProviderUnavailable
        return body

    async def post(
        self, url: str, form: Mapping[str, str], client: tuple[str, str], *, basic: bool
    ) -> tuple[int, Json]:
        """Post a form and return the status and the JSON object. Raises ProviderUnavailable.

        `client` is our id and secret, sent in a header (`basic`) or in the form.
        """
        client_id, secret = client
        if basic:
            # form-encoded first (RFC 6749, section 2.3.1)
            credentials = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(secret))
            return await self._request("POST", url, {"data": form, "headers": {"authorization": credentials}})
        return await self._request(
            "POST", url, {"data": {**form, "client_id": client_id, "client_secret": secret}}
        )

    async def _request(self, method: str, url: str, options: Mapping[str, Any]) -> tuple[int, Json]:
        assert self._session is not None, "open() comes first"
        try:
            async with self._session.request(method, url, allow_redirects=False, **options) as response:
                body = json.loads(await read_limited(response, MAX_RESPONSE_BYTES))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
            raise ProviderUnavailable from None
        if response.status >= 500 or not isinstance(body, dict):
            raise ProviderUnavailable
        return response.status, body


log = logging.getLogger(__name__)

MAX_METADATA_AGE_SECONDS = 3600.0


class ProviderMetadata(BaseModel):
    """The provider's metadata (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def supports_basic_auth(self) -> bool:
        """Whether the client's secret goes into a header instead of the form."""
        return "client_secret_basic" in self.token_endpoint_auth_methods_supported


def parse_metadata(body: Json, issuer: str, *, allow_loopback: bool) -> ProviderMetadata:
    """Parse the metadata of an issuer. Raises ProviderUnavailable for another issuer, and for URLs without TLS.

    `allow_loopback` allows http on this machine, for development.
    """
    try:
        metadata = ProviderMetadata.model_validate(body)
    except ValidationError:
        raise ProviderUnavailable from None
    urls = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    are_safe = all(url.startswith("https://") or (allow_loopback and is_loopback_url(url)) for url in urls)
    if metadata.issuer != issuer or not are_safe:
        raise ProviderUnavailable
    return metadata


class MetadataCache:
    """A cache of the provider's metadata for an hour. Old metadata stay in use while the provider is unavailable."""

    def __init__(self, issuer: str, connection: ProviderConnection, *, allow_loopback: bool) -> None:
        self._issuer, self._connection, self._allow_loopback = issuer, connection, allow_loopback
        self._metadata: ProviderMetadata | None = None
        self._fetched_at = float("-inf")

    async def get(self) -> ProviderMetadata:
        """Return the metadata. Raises ProviderUnavailable if they were never fetched."""
        if self._metadata is None or time.monotonic() - self._fetched_at >= MAX_METADATA_AGE_SECONDS:
            try:
                self._metadata, self._fetched_at = await self._fetch(), time.monotonic()
            except ProviderUnavailable:
                if self._metadata is None:
                    raise
                log.warning("cannot fetch the provider's metadata; the cached metadata stay in use")
        return self._metadata

    async def _fetch(self) -> ProviderMetadata:
        body = await self._connection.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        return parse_metadata(body, self._issuer, allow_loopback=self._allow_loopback)


# neither `none` nor HS256, with which a public key would serve as a shared secret
ALGORITHMS = ["RS256", "ES256"]
MIN_RSA_BITS = 2048

Key = RSAKey | ECKey


async def verify_signature(token: str, keys: KeyCache[Key]) -> dict[str, Any]:
    """Return the claims of an ID token. Raises RequestRefused `signin.id_token` or ProviderUnavailable."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        kid = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise ValueError("header")
        return dict(jwt.decode(token, await keys.get(kid), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError) as error:
        log.info("ID token refused: %s", type(error).__name__)  # its message may contain the token
        raise RequestRefused(Problem("signin.id_token", {"rule": "signature"})) from None


def parse_keys(body: Json) -> Mapping[str, Key]:
    """Return the usable keys of a key set by id (RFC 7517). Raises ProviderUnavailable if there is none."""
    keys = body.get("keys")
    if usable := dict(_import_usable_keys(keys if isinstance(keys, list) else [])):
        return usable
    raise ProviderUnavailable


def _import_usable_keys(keys: list[Any]) -> Iterator[tuple[str, Key]]:
    for jwk in keys:
        try:
            if jwk.get("use", "sig") == "sig" and (key := _import_key(jwk)):
                yield str(jwk["kid"]), key
        except (JoseError, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("cannot use a key of the provider: %s", type(error).__name__)


def _import_key(jwk: Json) -> Key | None:
    if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
        return ECKey.import_key(jwk)
    if jwk.get("kty") == "RSA":
        key = RSAKey.import_key(jwk)
        return key if key.public_key.key_size >= MIN_RSA_BITS else None
    return None


@dataclass(frozen=True, slots=True)
class ProviderRegistration:
    """Our registration at the provider. `redirect_uri` is `/callback`; accounts of `domains` may sign in."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    domains: tuple[str, ...]


class Provider:
    """The client of the provider. It uses the system clock, as the provider does, even if our clock is frozen."""

    def __init__(self, registration: ProviderRegistration, *, allow_loopback: bool = False) -> None:
        self._registration, self._clock, self._connection = registration, Clock(), ProviderConnection()
        self._metadata_cache = MetadataCache(
            registration.issuer, self._connection, allow_loopback=allow_loopback
        )
        self._keys: KeyCache[Key] = KeyCache(self._fetch_keys)

    @property
    def issuer(self) -> str:
        """The issuer of the provider's tokens."""
        return self._registration.issuer

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[None]:
        """Open the connection. Nothing is requested before somebody signs in."""
        async with self._connection.open():
            yield

    async def build_authorization_url(self, attempt: Attempt, state: str) -> str:
        """Return the URL at which the browser signs in. Raises ProviderUnavailable."""
        params = {
            "response_type": "code", "scope": "openid email", "client_id": self._registration.client_id,
            "redirect_uri": self._registration.redirect_uri, "state": state, "nonce": attempt.nonce,
            "code_challenge": compute_challenge(attempt.code_verifier), "code_challenge_method": "S256",
            # computers in schools are shared
            "prompt": "select_account",
        }  # fmt: skip
        endpoint = (await self._metadata_cache.get()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(params)}"

    async def verify_identity(self, code: str, attempt: Attempt) -> ProviderIdentity:
        """Exchange a code and return the verified person.

        Raises RequestRefused with the rule that failed, or ProviderUnavailable.
        """
        claims = await verify_signature(await self._fetch_id_token(code, attempt), self._keys)
        registration = self._registration
        expected = ExpectedClaims(
            registration.issuer, registration.client_id, attempt.nonce, registration.domains
        )
        return verify_identity(claims, expected, self._clock.now())

    async def _fetch_id_token(self, code: str, attempt: Attempt) -> str:
        registration, metadata = self._registration, await self._metadata_cache.get()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": registration.redirect_uri,
            "code_verifier": attempt.code_verifier,
        }  # fmt: skip
        client = registration.client_id, registration.client_secret
        status, body = await self._connection.post(
            metadata.token_endpoint, form, client, basic=metadata.supports_basic_auth
        )
        if status == 401:
            log.error("the provider refuses RENCANA_OIDC_CLIENT_ID with RENCANA_OIDC_CLIENT_SECRET")
            raise ProviderUnavailable
        token = body.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise RequestRefused(Problem("signin.code"))
        return token

    async def _fetch_keys(self) -> Mapping[str, Key]:
        return parse_keys(await self._connection.get((await self._metadata_cache.get()).jwks_uri))
