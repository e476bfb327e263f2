"""HTTP/1.1 of uvicorn with limits of time for requests that arrive slowly or in part."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# uvicorn itself waits without limit; it only closes connections that are idle after a response.
HEAD_SECONDS = 10.0  # for the request line and the headers
BODY_SECONDS = 60.0  # for the body; 16 MB, the largest one, in a minute are 2 Mbit/s


class TimedProtocol(H11Protocol):
    """Closes a connection whose head or body is not complete in time."""

    _watched: object = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the head of the first request."""
        super().connection_made(transport)
        self._watch()

    def handle_events(self) -> None:
        """Handle what has arrived, and set the limit for what is missing."""
        super().handle_events()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the limit."""
        super().connection_lost(exc)
        self._set_limit(None)

    def _watch(self) -> None:
        state: object = self.conn.their_state
        if state is h11.IDLE and self.cycle is not None and not self.conn.trailing_data[0]:
            state = None  # between two requests, where the keep-alive limit applies
        if state is not self._watched:
            self._watched = state
            self._set_limit(
                HEAD_SECONDS if state is h11.IDLE else BODY_SECONDS if state is h11.SEND_BODY else None
            )

    def _set_limit(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self.transport.close)
