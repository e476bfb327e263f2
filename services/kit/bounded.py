"""Reading what others answer, up to a size."""

from __future__ import annotations

import aiohttp


async def bounded_body(response: aiohttp.ClientResponse, largest: int) -> bytes:
    """The body of an answer; ValueError where it has more than `largest` bytes, unpacked."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > largest:
            raise ValueError("larger than any answer")
    return bytes(body)
