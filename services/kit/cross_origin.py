"""Pages of our own web clients ask from another origin: how that is written, and what browsers ask first (CORS)."""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

ASKED_FIRST = 3600  # seconds for which a browser remembers the answer
_ORIGIN = re.compile(r"(https?)://[a-z0-9.-]+(:[0-9]{1,5})?")


def is_origin(text: str) -> bool:
    """Whether it is an origin as browsers write it: scheme and host in lower case, a port if it is not the usual."""
    return _ORIGIN.fullmatch(text) is not None


def asked_first(origins: Collection[str], header: str, *, cookies: bool) -> Middleware:
    """CORS for POST from exactly these origins, with JSON and this header; `cookies`: with theirs as well."""
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["POST"],
        allow_headers=[header, "content-type"],
        allow_credentials=cookies,
        expose_headers=["x-request-id", "retry-after"],
        max_age=ASKED_FIRST,
    )
