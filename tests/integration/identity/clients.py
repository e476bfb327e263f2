"""Helpers of tests of API clients: a registration, and requests to the admin endpoint of clients."""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.credentials import FORM
from tests.integration.identity.environment import sign_in

ADMIN, TEACHER = "pengelola@dinas.belajar.id", "satu@guru.sd.belajar.id"
REGISTRATION = {
    "name": "Dinas Contoh", "contact": "data@contoh.example", "scopes": ["status:read"],
    "within": {"provinsi": ["jawa barat"], "kabupaten_kota": ["kabupaten contoh"], "npsn": ["99000001"]},
}  # fmt: skip


async def authorize(client: aiohttp.ClientSession, email: str) -> dict[str, str]:
    """Sign in, and return the authorization header of the account."""
    _, body = await sign_in(client, email)
    return {"authorization": f"Bearer {body['access_token']}"}


async def send(
    client: aiohttp.ClientSession, path: str, body: object = None, *, email: str = ADMIN, method: str = "POST"
) -> tuple[int, Any]:
    """Send a request to the admin endpoint of clients. Returns the status and the body."""
    headers = await authorize(client, email)
    async with client.request(method, f"/admin/clients{path}", json=body, headers=headers) as response:
        return response.status, None if response.status == 204 else await response.json()


async def is_secret_valid(client: aiohttp.ClientSession, client_id: str, secret: str) -> bool:
    """Return whether identity issues a token for a secret of a client."""
    basic = {"authorization": aiohttp.encode_basic_auth(client_id, secret)}
    async with client.post("/token", data=FORM, headers=basic) as response:
        return response.status == 200
