"""Planning's own credentials in development, and what they are changed for at identity."""

from __future__ import annotations

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET
from services.planning.people.identity.credentials import Credentials

PLANNING = Credentials(DEV_CLIENT_ID, DEV_CLIENT_SECRET)
FORM = {"grant_type": "client_credentials"}


async def authorization(client: aiohttp.ClientSession, credentials: Credentials = PLANNING) -> dict[str, str]:
    """The header that a client shows: a token for all of its scopes."""
    basic = aiohttp.encode_basic_auth(credentials.client_id, credentials.secret)
    async with client.post("/token", data=FORM, headers={"authorization": basic}) as response:
        told = await response.json()
        assert response.status == 200, told
    return {"authorization": f"Bearer {told['access_token']}"}


async def _granted(_: Request) -> JSONResponse:
    return JSONResponse(GRANTED)


GRANTED = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 900}
# for a test's own stand-in of identity
TOKEN_ROUTE = Route("/token", _granted, methods=["POST"])
