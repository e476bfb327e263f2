"""The admin's session: an access token from the environment, from the last sign-in, or from a sign-in in the browser.

A token is valid for fifteen minutes. It is the only secret that is stored, in a file of the user.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import time
import webbrowser
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import click

APP = "rencana-cli"  # identity knows this app, with a redirect to the loopback interface (RFC 8252, 7.3)
TOKEN_VARIABLE = "RENCANA_TOKEN"
SIGN_IN_SECONDS = 180
TIMEOUT = aiohttp.ClientTimeout(total=15)  # a service answers within RENCANA_REQUEST_SECONDS, or it hangs
EXPIRY_MARGIN_SECONDS = 30

PAGE = "<!doctype html><meta charset=utf-8><title>Rencana</title><p>{}"
SIGNED_IN = "Anda sudah masuk. Halaman ini boleh ditutup. You are signed in. You can close this page."
NOT_SIGNED_IN = "Masuk tidak berhasil; lihat terminal. Sign-in failed; see the terminal."


def check_address(address: str) -> str:
    """Return an address of a service. Raises UsageError unless it is https, or a loopback address."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    ):
        return address.rstrip("/")
    raise click.UsageError(f"{address} is neither https nor an address of this machine")


async def get_token(identity: str) -> str:
    """Return a token: that of the environment, the stored one, or one from a new sign-in."""
    if token := os.environ.get(TOKEN_VARIABLE):
        return token
    stored_token = _read_token(identity)
    return stored_token or await sign_in(identity)


async def sign_in(identity: str) -> str:
    """Sign in in the browser, store the token and return it. Raises ClickException if it fails."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
        metadata = await _get_json(http, f"{identity}/.well-known/oauth-authorization-server")
        if "authorization_endpoint" not in metadata:
            raise click.ClickException(
                f"{identity} offers no sign-in in the browser; set {TOKEN_VARIABLE} instead"
            )
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        async with _receive_redirect() as (redirect_uri, answer):
            query = {
                "response_type": "code", "client_id": APP, "redirect_uri": redirect_uri, "state": state,
                "code_challenge": challenge, "code_challenge_method": "S256",
            }  # fmt: skip
            url = f"{metadata['authorization_endpoint']}?{urlencode(query)}"
            click.echo(f"Sign in in the browser. If it does not open, open this address:\n{url}", err=True)
            webbrowser.open(url)
            try:
                params = await asyncio.wait_for(answer, SIGN_IN_SECONDS)
            except TimeoutError:
                raise click.ClickException(f"no sign-in within {SIGN_IN_SECONDS} seconds") from None
        if params.get("state") != state or params.get("iss") != metadata["issuer"]:
            raise click.ClickException("the answer does not belong to this sign-in; please try again")
        if "code" not in params:
            raise click.ClickException(params.get("error_description") or params.get("error", "no code"))
        form = {
            "grant_type": "authorization_code", "client_id": APP, "code": params["code"],
            "redirect_uri": redirect_uri, "code_verifier": verifier,
        }  # fmt: skip
        try:
            async with http.post(metadata["token_endpoint"], data=form) as response:
                tokens = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise click.ClickException(f"{identity} does not answer; please sign in again later") from None
        if response.status != 200:
            raise click.ClickException(str(tokens.get("error_description") or tokens.get("error")))
    # The refresh token is dropped: an admin signs in again after fifteen minutes.
    _store_token(identity, tokens["access_token"], tokens["expires_in"])
    return str(tokens["access_token"])


async def _get_json(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    try:
        async with http.get(url) as response:
            response.raise_for_status()
            metadata: dict[str, Any] = await response.json()
            return metadata
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise click.ClickException(f"{url} does not answer: {error}") from None


@asynccontextmanager
async def _receive_redirect() -> AsyncIterator[tuple[str, asyncio.Future[Mapping[str, str]]]]:
    """Listen on the loopback interface. Yields the redirect URI and the parameters that the browser will bring."""
    answer: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request_line = (await reader.readline()).decode("latin-1").split()
        target = urlsplit(request_line[1] if len(request_line) > 1 else "")
        status, page = "404 Not Found", ""
        if target.path == "/callback":
            params = dict(parse_qsl(target.query))
            status, page = "200 OK", PAGE.format(SIGNED_IN if "code" in params else NOT_SIGNED_IN)
            if not answer.done():
                answer.set_result(params)
        body = page.encode()
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
            "referrer-policy: no-referrer\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/callback", answer


def _token_file() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rencana" / "token.json"


def _read_token(identity: str) -> str | None:
    try:
        session_data = json.loads(_token_file().read_text())
        is_valid = (
            session_data["identity"] == identity
            and session_data["expires_at"] > time.time() + EXPIRY_MARGIN_SECONDS
        )
        return str(session_data["access_token"]) if is_valid else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store_token(identity: str, token: str, expires_in: int) -> None:
    file = _token_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {"identity": identity, "access_token": token, "expires_at": time.time() + expires_in}
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream)


def forget_token() -> bool:
    """Delete the stored token. Returns whether there was one."""
    try:
        _token_file().unlink()
    except FileNotFoundError:
        return False
    return True
