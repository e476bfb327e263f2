"""Files that clients download and keep: sent with their hash, and not again to a client that has them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from services.kit.compression import compress_response


@dataclass(frozen=True, slots=True)
class Download:
    """A file with its ETag."""

    text: str
    media_type: str
    etag: str

    @classmethod
    def create(cls, text: str, media_type: str) -> Download:
        """Create a file from its text."""
        return cls(text, media_type, f'"{sha256(text.encode()).hexdigest()}"')


def download_response(request: Request, download: Download, cache_control: str) -> Response:
    """Return the file, or 304 to a client that has it."""
    headers = {"etag": download.etag, "cache-control": cache_control}
    # a proxy that compresses makes the ETag weak
    if download.etag in request.headers.get("if-none-match", "").replace("W/", "").replace(",", " ").split():
        return Response(status_code=304, headers=headers)
    response = Response(download.text, headers=headers, media_type=download.media_type)
    compress_response(response, request.headers.get("accept-encoding", ""))
    return response
