"""A person with `gql`, the GraphQL client of Python, who sends the shipped documents."""

from __future__ import annotations

from typing import Any

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport

from devtools.client_documents import read_document
from tests.contract.sdl import SDL_FILE


class Person:
    """A person with a client that checks documents against the SDL file."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self.client = Client(transport=AIOHTTPTransport(url, headers=headers), schema=SDL_FILE.read_text())
        self.requests = 0

    async def send(self, operation: str, **variables: Any) -> dict[str, Any]:
        self.requests += 1
        request = gql(read_document(f"web/{operation}"))
        request.variable_values = variables
        async with self.client as session:
            answer: dict[str, Any] = await session.execute(request)
        (value,) = answer.values()
        return dict(value)

    async def command(
        self, operation: str, plan: dict[str, Any] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        on_plan = {"planId": plan["id"], "expectedVersion": plan["version"]} if plan else {}
        answer = await self.send(operation, input=on_plan | arguments)
        assert "problems" not in answer, answer
        return dict(answer["plan"])
