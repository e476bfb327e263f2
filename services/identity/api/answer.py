"""How a GET of this service answers: JSON with a strong ETag, and 304 for who holds it already."""

from __future__ import annotations

import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response

# may be kept by the asker alone, who asks each time whether it still holds
PRIVATE = "private, no-cache"


def respond_with_etag(request: Request, body: object, *, cache_control: str = PRIVATE) -> Response:
    """The body, or 304 without one when `If-None-Match` names it.

    The tag is of the body, not of the revision: headships that are over leave the body with the date alone.
    """
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": cache_control}
    if _matches_tag(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)


def _matches_tag(if_none_match: str, tag: str) -> bool:
    tags = (item.strip().removeprefix("W/") for item in if_none_match.split(","))
    return any(item in (tag, "*") for item in tags)
