from __future__ import annotations

import gzip
from importlib import import_module

import pytest
from starlette.responses import Response

from services.kit.compression import MIN_BYTES, compress_response, negotiate_coding


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("GZIP;q=0.5, zstd;q=0.4", "gzip"),
        ("gzip;q=0, *", None),
        ("gzip;q=0, zstd;q=0", None),
        ("gzip;q=much", None),
        ("*", "gzip"),
        ("*;q=0", None),
    ],
)
def test_coding_is_the_preferred_one(header: str, coding: str | None) -> None:
    assert negotiate_coding(header) == coding


@pytest.mark.parametrize(
    ("header", "decompress"),
    [("gzip", gzip.decompress), ("gzip, zstd", import_module("backports.zstd").decompress)],
)
def test_long_response_is_compressed_and_a_short_one_is_not(header: str, decompress: object) -> None:
    content = b"a" * MIN_BYTES
    response, short_response = Response(content), Response(content[1:])
    for one in (response, short_response):
        compress_response(one, header)
        assert one.headers["vary"] == "accept-encoding"
        assert int(one.headers["content-length"]) == len(one.body)
    assert callable(decompress)
    assert (decompress(response.body), short_response.body) == (content, content[1:])
    assert response.headers["content-encoding"] == header.rpartition(" ")[2]
    assert "content-encoding" not in short_response.headers
