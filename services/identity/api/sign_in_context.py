"""The dependencies of the sign-in routes."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.api.browser import Cookie
from services.identity.api.edges import RateLimits
from services.identity.sign_in.apps import Apps
from services.identity.sign_in.commands import issue_token
from services.identity.sign_in.model import ATTEMPT_LIFETIME, BROWSER_LIFETIME
from services.identity.sign_in.provider import Provider
from services.identity.tokens.commands import IssuedToken
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import AccountSubject
from services.kit.clock import Clock
from services.kit.database import Connection, Database
from services.kit.problems import Messages


@dataclass(frozen=True, slots=True)
class SignInContext:
    """The dependencies of the sign-in routes. `issuer` is identity's public address; `secure` is for cookies."""

    provider: Provider
    keyring: Keyring
    messages: Messages
    clock: Clock
    issuer: str
    origins: tuple[str, ...]
    apps: Apps
    secure: bool
    limits: RateLimits
    database: Database

    @property
    def connection(self) -> Connection:
        """The connection pool."""
        return self.database.connection

    @property
    def attempt_cookie(self) -> Cookie:
        """The cookie of the browser that began an attempt."""
        return Cookie("rencana-attempt", ATTEMPT_LIFETIME, secure=self.secure)

    @property
    def session_cookie(self) -> Cookie:
        """The cookie of a browser with a session."""
        return Cookie("rencana-session", BROWSER_LIFETIME.total, secure=self.secure)

    async def issue_token(self, subject: AccountSubject, request_id: str) -> IssuedToken:
        """Issue an access token for an admitted account."""
        now = self.clock.now()
        return await issue_token(subject, self.keyring, self.issuer, now, request_id, self.connection)
