"""Settings of identity."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from services.identity.accounts.model import ACCOUNT_DOMAINS, is_domain_pattern
from services.identity.sign_in.apps import MAX_APP_NAME_LENGTH, is_app_name, is_redirect_uri
from services.kit import change_request
from services.kit.secret import MIN_PASSWORD_LENGTH
from services.kit.settings import CommonSettings, NameList, Port

PACKAGE = "services.identity"  # of the models and migrations
# what identity says to people, in both languages
MESSAGE_FILES = (Path(__file__).parent / "messages.yaml", change_request.MESSAGES)
DEV_KEY_SECRET = "dev-only-key-secret-dev-only-key-secret"

WITHDRAW_HINT = "please withdraw its keys with `rencana keys drop` and remove it"
PROVIDER_HINT = "please get another one from the provider"


def _parse_json(value: object) -> object:
    try:
        return json.loads(value or "{}") if isinstance(value, str) else value
    except ValueError:
        raise ValueError('must be JSON such as {"app": ["https://…"]}') from None


Apps = Annotated[dict[str, tuple[str, ...]], NoDecode, BeforeValidator(_parse_json)]


class IdentitySettings(CommonSettings):
    """The settings of the identity service."""

    identity_database_url: SecretStr = SecretStr("")
    identity_host: str = "127.0.0.1"
    identity_port: Port = 8001
    key_secret: SecretStr = SecretStr("")
    # while stored keys may be encrypted with it
    key_secret_previous: SecretStr | None = None
    # sign-in: the provider, the domains of accounts, and the redirect URIs of apps
    oidc_issuer: str | None = None
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_hd: NameList = ACCOUNT_DOMAINS
    apps: Apps = Field(default_factory=dict)

    # requests per minute to sign-in and token endpoints; a school or thousands of phones may share an address
    sign_ins_per_address: int = Field(600, ge=1)
    sign_ins_per_account: int = Field(30, ge=1)

    def find_problems(self) -> Iterator[str]:
        """Yield the reasons why identity may not start."""
        yield from super().find_problems()
        yield from self.check_loopback_in_dev("identity_host")
        yield from self.check_database_url("identity_database_url")
        yield from self.check_secret("key_secret")
        if self.key_secret_previous is not None:
            yield from self.check_secret("key_secret_previous", WITHDRAW_HINT)
        yield from self._find_list_problems()
        if self.oidc_issuer is not None:
            yield from self._find_sign_in_problems()

    def _find_list_problems(self) -> Iterator[str]:
        if not all(map(is_app_name, self.apps)):
            yield f"RENCANA_APPS must name each app in at most {MAX_APP_NAME_LENGTH} visible characters of ASCII"
        if not all(is_redirect_uri(one) for redirects in self.apps.values() for one in redirects):
            yield "RENCANA_APPS must give each app https addresses, or its own scheme with a dot"
        if not all(map(is_domain_pattern, self.oidc_hd)):
            yield "RENCANA_OIDC_HD must list domains in lower case, with * for whole labels"

    def _find_sign_in_problems(self) -> Iterator[str]:
        required = {
            "RENCANA_OIDC_CLIENT_ID": self.oidc_client_id,
            "RENCANA_OIDC_CLIENT_SECRET": self.oidc_client_secret.get_secret_value(),
            "RENCANA_WEB_ORIGINS": self.web_origins,
        }
        yield from (
            f"{name} is required with RENCANA_OIDC_ISSUER" for name, given in required.items() if not given
        )
        if self.oidc_client_secret.get_secret_value():
            yield from self.check_secret("oidc_client_secret", PROVIDER_HINT, MIN_PASSWORD_LENGTH)
        yield from self.check_https("oidc_issuer", str(self.oidc_issuer))
        yield from self.check_https("identity_issuer", self.issuer)
        if self.issuer.endswith("/"):
            yield "RENCANA_IDENTITY_ISSUER must end without a slash: addresses of identity begin with it"

    @property
    def key_secrets(self) -> tuple[str, ...]:
        """The secret that encrypts signing keys, and the one before it, if there is one."""
        current = self.key_secret.get_secret_value() or DEV_KEY_SECRET
        previous = self.key_secret_previous
        return (current, previous.get_secret_value()) if previous else (current,)
