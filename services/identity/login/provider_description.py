"""What a provider says of itself (OpenID Connect Discovery 1.0), as far as we use it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.login.provider_wire import Json, ProviderAway
from services.kit.settings import is_loopback_url


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
