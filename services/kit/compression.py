"""Compression of responses: zstd where the client asks for it, else gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from starlette.responses import Response

from services.kit.negotiation import read_weights

MIN_BYTES = 1_000  # a smaller response fits into one packet as it is
GZIP_LEVEL, ZSTD_LEVEL = 5, 3


def _compress_gzip(content: bytes) -> bytes:
    return gzip.compress(content, GZIP_LEVEL, mtime=0)


def _find_zstd() -> ModuleType | None:
    for name in ("compression.zstd", "backports.zstd"):  # the standard library has it from Python 3.14 on
        with suppress(ImportError):
            return import_module(name)
    return None


def _list_codings() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    if zstd := _find_zstd():
        yield "zstd", lambda content: bytes(zstd.compress(content, ZSTD_LEVEL))
    yield "gzip", _compress_gzip


CODINGS = dict(_list_codings())  # the first of equally preferred ones is used


def negotiate_coding(accept_encoding: str) -> str | None:
    """Return the content coding that a client prefers, or None to send the content as it is."""
    weights = read_weights(accept_encoding)
    best, best_weight = None, 0.0
    for coding in CODINGS:
        weight = weights.get(coding, weights.get("*", 0.0) if coding == "gzip" else 0.0)
        if weight > best_weight:
            best, best_weight = coding, weight
    return best


def compress_response(response: Response, accept_encoding: str) -> None:
    """Compress the body of a response if the client accepts it and it is worth it."""
    content = bytes(response.body)
    response.headers.add_vary_header("accept-encoding")
    coding = negotiate_coding(accept_encoding)
    if coding is None or len(content) < MIN_BYTES:
        return
    response.body = CODINGS[coding](content)
    response.headers["content-encoding"] = coding
    response.headers["content-length"] = str(len(response.body))
