"""What is sent to `/token`: a form with every field once, and what a client says of itself, in one of two ways."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from services.identity.domain.oauth import TokenRefused
from services.kit.http import request_id_of
from services.kit.problem import Problem

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Fields without a value are as if left out (RFC 6749, section 3.2). A public client has no `secret`."""

    form: Mapping[str, str]
    client_id: str | None
    secret: str | None
    request_id: str

    def required(self, name: str) -> str:
        """A field; TokenRefused `invalid_request` where it is missing."""
        if name not in self.form:
            raise TokenRefused("invalid_request", Problem("token.missing", {"name": name}, (name,)))
        return self.form[name]


async def read_token_request(request: Request) -> TokenRequest:
    """The request, read strictly; TokenRefused where it is none, or its client says two things of itself."""
    form = _form(request.headers.get("content-type", ""), await request.body())
    client_id, secret = form.get("client_id"), form.get("client_secret")
    given = request.headers.getlist("authorization")
    if given:
        basic_id, basic_secret = _basic(given)
        if secret is not None or client_id not in {None, basic_id}:
            raise TokenRefused("invalid_request", Problem("token.client_twice"))
        client_id, secret = basic_id, basic_secret
    return TokenRequest(form, client_id, secret, request_id_of(request))


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", Problem("token.not_form"))
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise TokenRefused("invalid_request", Problem("token.not_form")) from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise TokenRefused("invalid_request", Problem("token.twice"))
        form[name] = value
    return {name: value for name, value in form.items() if value}


def _basic(headers: list[str]) -> tuple[str, str]:
    """Id and secret of `Authorization: Basic`, each encoded as in a form (RFC 6749, section 2.3.1)."""
    try:
        (header,) = headers
        scheme, _, encoded = header.partition(" ")
        if scheme.lower() != "basic":
            raise ValueError("scheme")
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError("no secret")
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error):
        raise TokenRefused("invalid_client", Problem("token.client")) from None
