"""What a provider says of itself (OpenID Connect Discovery 1.0), as far as we use it."""

from __future__ import annotations

import logging
import time

from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.login.provider_wire import Json, ProviderAway, ProviderWire
from services.kit.settings import is_loopback_url

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
