"""The two cookies of a browser: one while it is at the provider, one for its session."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response


class Cookie:
    """A cookie of this host alone, which scripts cannot read and other sites' requests do not carry.

    `secure`: over https, under the `__Host-` prefix, by which browsers hold us to it. Without it: development only.
    """

    def __init__(self, name: str, life: timedelta, *, secure: bool) -> None:
        self.name, self.life, self.secure = f"__Host-{name}" if secure else name, life, secure

    def read(self, request: Request) -> str:
        """Its value; empty where there is none."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, value: str) -> None:
        """Let the browser keep a value."""
        response.set_cookie(
            self.name, value, max_age=int(self.life.total_seconds()),
            path="/", secure=self.secure, httponly=True, samesite="lax",
        )  # fmt: skip

    def take(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")
