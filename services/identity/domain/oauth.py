"""A refusal as OAuth 2 tells it (RFC 6749, section 5.2): a word of a closed list beside our own reasons."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from services.kit.problem import Problem, Refused

OAuthError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
]


class TokenRefused(Refused):
    """No token. `client` and `account`, where they are known, are whom the refusal is about, for the audit."""

    def __init__(
        self,
        error: OAuthError,
        *problems: Problem,
        client: UUID | None = None,
        account: UUID | None = None,
    ) -> None:
        super().__init__(problems)
        self.error, self.client, self.account = error, client, account
