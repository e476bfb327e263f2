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
        body = await response.json()
        assert response.status == 200, body
    return {"authorization": f"Bearer {body['access_token']}"}


async def _issue_token(_: Request) -> JSONResponse:
    return JSONResponse(TOKEN_RESPONSE)


TOKEN_RESPONSE = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 900}
# for a fake identity service of a test
TOKEN_ROUTE = Route("/token", _issue_token, methods=["POST"])
