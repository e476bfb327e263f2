"""The public keys of identity's tokens, as it serves them (JWKS)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel

log = logging.getLogger(__name__)


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


def keys_of(answer: object) -> Mapping[str, ECKey]:
    """The keys by id that can be used; ValueError where there is none: an issuer without a key is no issuer."""
    if usable := dict(_usable(_KeySet.model_validate(answer).keys)):
        return usable
    raise ValueError("no key")


def _usable(keys: list[dict[str, Any]]) -> Iterator[tuple[str, ECKey]]:
    for told in keys:
        if told.get("kty") == "EC" and told.get("crv") == "P-256" and told.get("use", "sig") == "sig":
            try:
                yield str(told["kid"]), ECKey.import_key(told)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                log.warning("a key of identity is of no use: %s", type(error).__name__)
