"""The same few headers on every answer of both services, whatever answers."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# our answers are data: nothing to sniff, to frame, to run, to embed elsewhere, to keep, or to tell others about
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
# a year, for this host alone; a browser minds it over TLS only, so it is said over TLS only
HSTS = ("strict-transport-security", "max-age=31536000")


class SecurityHeaders:
    """ASGI: every answer has `SECURITY_HEADERS`; one that says otherwise for itself, a page say, keeps its own.

    Over TLS, by the server's own word or a trusted proxy's, `HSTS` as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault(*HSTS)
            await send(message)

        await self.app(scope, receive, sending)
