"""An HTTP client of both services that sends documents of graphql/operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from demo import request

Json = dict[str, Any]


class UnexpectedResponse(Exception):
    """A response is not the one that the scenario expects."""


class Client:
    """An HTTP client of both services. `sent_operations` names every document that it has sent."""

    def __init__(self, session: aiohttp.ClientSession, identity: str, planning: str) -> None:
        self.session, self.identity, self.planning = session, identity, planning
        self.sent_operations: set[str] = set()

    async def sign_in(self, email: str) -> str:
        """Return an access token for an account, by the development sign-in. Raises UnexpectedResponse."""
        async with self.session.post(f"{self.identity}/dev/token", json={"email": email}) as response:
            payload: Json = await response.json()
        if response.status != 200:
            raise UnexpectedResponse(
                f"{email} cannot sign in ({response.status}): {_format_problems(payload.get('problems', []))}"
            )
        return str(payload["access_token"])

    async def client_token(self, client_id: str, secret: str) -> str:
        """Return an access token for a machine, with all of its scopes. Raises UnexpectedResponse."""
        headers = {"authorization": aiohttp.encode_basic_auth(client_id, secret)}
        form = {"grant_type": "client_credentials"}
        async with self.session.post(f"{self.identity}/token", data=form, headers=headers) as response:
            payload: Json = await response.json()
        if response.status != 200:
            raise UnexpectedResponse(
                f"the client gets no token ({response.status}): {_format_problems(payload.get('problems', []))}"
            )
        return str(payload["access_token"])

    async def send(
        self, operation: str, token: str, arguments: Mapping[str, Any], language: str = "id"
    ) -> Any:
        """Send a document and return the value of its root field. Raises UnexpectedResponse for a GraphQL error."""
        self.sent_operations.add(operation)
        headers = {"authorization": f"Bearer {token}", "accept-language": language}
        body = request.request_body(operation, arguments)
        async with self.session.post(f"{self.planning}/graphql", json=body, headers=headers) as response:
            payload: Json = await response.json(content_type=None)
        if response.status != 200 or "errors" in payload:
            raise UnexpectedResponse(
                f"{operation} answered {response.status}: {_format_problems(payload.get('errors', []))}"
            )
        (value,) = payload["data"].values()
        return value


def _format_problems(problems: list[Json]) -> str:
    return " | ".join(str(problem.get("message", problem)) for problem in problems) or "(without a reason)"
