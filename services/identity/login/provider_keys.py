"""A provider's signatures: by one of its own keys of the day, in an algorithm of our choosing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from services.identity.login.provider_wire import Json, ProviderAway
from services.kit.keys import Keys
from services.kit.problem import Problem, Refused

log = logging.getLogger(__name__)

# never `none`, and never HS256: a public key must not serve as a shared secret
ALGORITHMS = ["RS256", "ES256"]
SMALLEST_RSA = 2048

Key = RSAKey | ECKey


async def signed_claims(token: str, keys: Keys[Key]) -> dict[str, Any]:
    """The claims of an ID token that the provider signed; Refused for any other, ProviderAway without its keys."""
    try:
        told = jws.extract_compact(token.encode()).headers()
        kid = told.get("kid")
        if told.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise ValueError("header")
        return dict(jwt.decode(token, await keys.get(kid), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError) as error:
        log.info("ID token refused: %s", type(error).__name__)  # its text may hold what was sent
        raise Refused(Problem("signin.id_token", {"rule": "signature"})) from None


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
