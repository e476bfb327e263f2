"""What all routes of signing in need, put together once (app.py)."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.api.cookies import Cookie
from services.identity.api.limited import Limits
from services.identity.domain.app import Apps
from services.identity.domain.attempt import LIFE
from services.identity.domain.session import BROWSER
from services.identity.login.provider import Provider
from services.kit.clock import Clock
from services.kit.messages import Messages


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signing in needs. `issuer` is identity's own public address; `secure` the cookies' (all but development)."""

    provider: Provider
    messages: Messages
    clock: Clock
    issuer: str
    origins: tuple[str, ...]
    apps: Apps
    secure: bool
    limits: Limits

    @property
    def attempt_cookie(self) -> Cookie:
        """By which the browser that began an attempt is known."""
        return Cookie("rencana-attempt", LIFE, secure=self.secure)

    @property
    def session_cookie(self) -> Cookie:
        """By which a signed-in browser is known."""
        return Cookie("rencana-session", BROWSER.whole, secure=self.secure)
