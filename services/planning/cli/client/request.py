"""Requests to planning: trusted documents, named by their id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import click

from services.planning.cli.client.documents import Document
from services.planning.cli.client.session import TIMEOUT, check_address, get_token

Send = Callable[[Document, Mapping[str, Any]], Awaitable[Any]]


@asynccontextmanager
async def open_client(planning: str, identity: str, language: str) -> AsyncIterator[Send]:
    """Open a client for the length of the body. Signs in if there is no token.

    The function that it yields sends a document and returns the value of its root field. It raises ClickException for
    a top-level error and if planning does not answer.
    """
    url = f"{check_address(planning)}/graphql"
    headers = {
        "authorization": f"Bearer {await get_token(check_address(identity))}",
        "accept": "application/graphql-response+json",
        "accept-language": language,
        "apollographql-client-name": "rencana-cli",
    }
    async with aiohttp.ClientSession(headers=headers, timeout=TIMEOUT) as http:

        async def send(document: Document, variables: Mapping[str, Any]) -> Any:
            body = {"documentId": f"sha256:{document.id}", "variables": variables}
            try:
                async with http.post(url, json=body) as response:
                    answer = await response.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise click.ClickException(f"{url} does not answer: {error}") from None
            if "errors" in answer:
                raise click.ClickException("\n".join(_format_error(error) for error in answer["errors"]))
            return answer["data"][document.root_field]

        yield send


def _format_error(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions", {})
    code = extensions.get("problem", extensions).get("code", "")
    return f"{error['message']} ({code})" if code else str(error["message"])
