"""What all routes of signing in need, put together once (app.py)."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.api.browser import Cookie
from services.identity.api.edges import RateLimits
from services.identity.sign_in.apps import Apps
from services.identity.sign_in.model import ATTEMPT_LIFETIME, BROWSER_LIFETIME
from services.identity.sign_in.provider import Provider
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.problems import Messages


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What signing in needs. `issuer` is identity's own public address; `secure` the cookies' (all but development)."""

    provider: Provider
    messages: Messages
    clock: Clock
    issuer: str
    origins: tuple[str, ...]
    apps: Apps
    secure: bool
    limits: RateLimits
    database: Database

    @property
    def attempt_cookie(self) -> Cookie:
        """By which the browser that began an attempt is known."""
        return Cookie("rencana-attempt", ATTEMPT_LIFETIME, secure=self.secure)

    @property
    def session_cookie(self) -> Cookie:
        """By which a signed-in browser is known."""
        return Cookie("rencana-session", BROWSER_LIFETIME.total, secure=self.secure)
