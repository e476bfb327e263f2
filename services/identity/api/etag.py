"""GET responses in JSON with a strong ETag."""

from __future__ import annotations

import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response

PRIVATE = "private, no-cache"  # only the client may cache it, and revalidates it each time


def respond_with_etag(request: Request, body: object, *, cache_control: str = PRIVATE) -> Response:
    """Return the body, or 304 if `If-None-Match` has its tag.

    The tag is of the body and not of the change number, because past headships leave the body without a change.
    """
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": cache_control}
    tags = [item.strip().removeprefix("W/") for item in request.headers.get("if-none-match", "").split(",")]
    if tag in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)
