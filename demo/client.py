"""A tiny client: sign in, send a document that clients really send, read the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from demo import request

Json = dict[str, Any]


class Unexpected(Exception):
    """The services answered otherwise than the story tells."""


class Client:
    """Speaks HTTP with both services; `sent` is every document that went out."""

    def __init__(self, session: aiohttp.ClientSession, identity: str, planning: str) -> None:
        self.session, self.identity, self.planning = session, identity, planning
        self.sent: set[str] = set()

    async def sign_in(self, email: str) -> str:
        """An access token for an account (development only); Unexpected where it may not enter."""
        async with self.session.post(f"{self.identity}/dev/token", json={"email": email}) as answer:
            told: Json = await answer.json()
        if answer.status != 200:
            raise Unexpected(f"{email} cannot sign in ({answer.status}): {_texts(told.get('problems', []))}")
        return str(told["access_token"])

    async def client_token(self, client_id: str, secret: str) -> str:
        """An access token for a machine, for all of its scopes; Unexpected where it gets none."""
        shown = {"authorization": aiohttp.encode_basic_auth(client_id, secret)}
        form = {"grant_type": "client_credentials"}
        async with self.session.post(f"{self.identity}/token", data=form, headers=shown) as answer:
            told: Json = await answer.json()
        if answer.status != 200:
            raise Unexpected(
                f"the client gets no token ({answer.status}): {_texts(told.get('problems', []))}"
            )
        return str(told["access_token"])

    async def send(self, operation: str, token: str, given: Mapping[str, Any], language: str = "id") -> Any:
        """What the one root field of `operation` answers; Unexpected for an error of the request."""
        self.sent.add(operation)
        headers = {"authorization": f"Bearer {token}", "accept-language": language}
        body = request.body(operation, given)
        async with self.session.post(f"{self.planning}/graphql", json=body, headers=headers) as answer:
            told: Json = await answer.json(content_type=None)
        if answer.status != 200 or "errors" in told:
            raise Unexpected(f"{operation} answered {answer.status}: {_texts(told.get('errors', []))}")
        (value,) = told["data"].values()
        return value


def _texts(problems: list[Json]) -> str:
    return " | ".join(str(problem.get("message", problem)) for problem in problems) or "(without a reason)"
