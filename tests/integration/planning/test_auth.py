"""Tokens are checked against keys that are fetched over HTTP."""

import hmac
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.kit.clock import Clock
from services.kit.tokens import LEEWAY_SECONDS, MAX_KEY_AGE_SECONDS, MIN_REFRESH_SECONDS, KeyCache
from services.kit.tokens import PLANNING_AUDIENCE as AUDIENCE
from services.planning.api.context import Authenticator
from services.planning.api.errors import ApiError
from services.planning.callers.model import Caller
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from tests.credentials import PLANNING
from tests.serving import serving

ISSUER = "https://identity.example"
NOW = datetime(2024, 2, 5, 3, 0, tzinfo=UTC)  # in the past: the system clock must not matter
ACCOUNT, PTK = str(uuid4()), str(uuid4())
LEEWAY = timedelta(seconds=LEEWAY_SECONDS)


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid})


KEY = new_key("one")


Claims = dict[str, Any]


class Identity:
    """A server of keys that counts its requests."""

    def __init__(self) -> None:
        self.keys: list[object] = [KEY.as_dict(private=False)]
        self.asked = 0
        self.down = False
        self.seconds = 0.0

    async def jwks(self, _: Request) -> Response:
        self.asked += 1
        return Response(status_code=503) if self.down else JSONResponse({"keys": self.keys})


@asynccontextmanager
async def serve_keys(identity: Identity) -> AsyncIterator[Authenticator]:
    app = Starlette(routes=[Route("/.well-known/jwks.json", identity.jwks)])
    clock = Clock(NOW)
    async with serving(app) as url:
        client = IdentityClient(url, PLANNING, clock, seconds=lambda: identity.seconds)
        await client.start()
        try:
            yield Authenticator(KeyCache(client.keys, lambda: identity.seconds), ISSUER, clock)
        finally:
            await client.close()


@pytest.fixture(scope="module")
async def tokens() -> AsyncIterator[Authenticator]:
    async with serve_keys(Identity()) as tokens:
        yield tokens


def stamp(instant: datetime) -> int:
    return int(instant.timestamp())


def token(key: Any = KEY, alg: str = "ES256", header: Claims | None = None, **claims: Any) -> str:
    """Sign a valid token with changed claims. None omits a claim or a header."""
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": f"ptk:{PTK}", "acc": ACCOUNT, "scope": "", "jti": "1",
        "iat": stamp(NOW), "nbf": stamp(NOW), "exp": stamp(NOW + timedelta(minutes=15)), **claims,
    }  # fmt: skip
    above = {"alg": alg, "kid": key.kid, "typ": "at+jwt", **(header or {})}
    return jwt.encode(
        {name: value for name, value in above.items() if value is not None},
        {name: value for name, value in claims.items() if value is not None},
        key, [alg], default_type=None,
    )  # fmt: skip


async def refusal(tokens: Authenticator, *headers: str) -> str:
    with pytest.raises(ApiError) as error:
        await tokens.authenticate(headers)
    assert (error.value.code, error.value.status) == ("UNAUTHENTICATED", 401)
    (problem,) = error.value.problems
    return problem.code


async def test_request_without_a_token_has_no_caller(tokens: Authenticator) -> None:
    assert await tokens.authenticate([]) is None


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        ({}, Caller(ACCOUNT, PTK)),
        ({"sub": f"account:{ACCOUNT}"}, Caller(ACCOUNT)),
        ({"scope": "admin partner"}, Caller(ACCOUNT, PTK, frozenset({"admin", "partner"}))),
        ({"aud": ["another", AUDIENCE]}, Caller(ACCOUNT, PTK)),
        ({"exp": stamp(NOW - LEEWAY) + 1}, Caller(ACCOUNT, PTK)),
        ({"nbf": stamp(NOW + LEEWAY)}, Caller(ACCOUNT, PTK)),
    ],
)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_valid_token_identifies_the_caller(
    tokens: Authenticator, claims: Claims, caller: Caller, scheme: str
) -> None:
    assert await tokens.authenticate([f"{scheme} {token(**claims)}"]) == caller


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None}, {"iss": "https://another.example"}, {"iss": ISSUER + "/"}, {"iss": [ISSUER]},
        {"aud": None}, {"aud": "rencana"}, {"aud": []}, {"aud": {"rencana-planning": 1}},
        {"exp": None}, {"exp": "soon"}, {"exp": True}, {"nbf": stamp(NOW + LEEWAY) + 1}, {"nbf": "now"},
        {"sub": None}, {"sub": PTK}, {"sub": f"ptk:{PTK.upper()}"}, {"sub": f"ptk:{PTK}:x"}, {"sub": "ptk:"},
        {"sub": f"admin:{PTK}"}, {"sub": f"account:{PTK}"}, {"sub": 1}, {"sub": "ptk:١"},
        {"acc": None}, {"acc": "1"}, {"acc": 1}, {"acc": f"{{{ACCOUNT}}}"},
        {"scope": None}, {"scope": ["admin"]}, {"scope": 1},
    ],
)  # fmt: skip
async def test_a_wrong_claim_is_refused(tokens: Authenticator, claims: Claims) -> None:
    assert await refusal(tokens, f"Bearer {token(**claims)}") == "auth.token_invalid"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
async def test_expired_token_is_refused_with_a_request_to_sign_in_again(
    tokens: Authenticator, late: timedelta
) -> None:
    old = token(exp=stamp(NOW - LEEWAY - late))
    assert await refusal(tokens, f"Bearer {old}") == "auth.token_expired"


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"typ": "AT+JWT"}, {"kid": None}, {"kid": "two"}]
)
async def test_a_wrong_header_is_refused(tokens: Authenticator, header: Claims) -> None:
    assert await refusal(tokens, f"Bearer {token(header=header)}") == "auth.token_invalid"


async def test_signature_of_another_key_with_a_known_id_is_refused(tokens: Authenticator) -> None:
    assert await refusal(tokens, f"Bearer {token(new_key('one'))}") == "auth.token_invalid"


async def test_token_with_another_algorithm_is_refused(tokens: Authenticator) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "one"})
    for forged in (token(rsa, "RS256"), by_hand("none", b""), by_hand("HS256", KEY.as_pem(private=False))):
        assert await refusal(tokens, f"Bearer {forged}") == "auth.token_invalid"


def by_hand(alg: str, secret: bytes) -> str:
    """Forgeries that a library refuses to make: an unsigned token, or the public key used as a secret."""
    header = json.dumps({"alg": alg, "kid": "one", "typ": "at+jwt"}).encode()
    start = f"{base64(header)}.{token().split('.')[1]}"
    return f"{start}.{base64(hmac.digest(secret, start.encode(), 'sha256')) if secret else ''}"


def base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    "headers",
    [
        ["Bearer"], ["Bearer "], ["Bearer x"], ["Bearer a.b.c"], [f"Basic {token()}"], [token()], [""],
        [f"Bearer {token()}", f"Bearer {token()}"], [f"Bearer {token()} x"], [f"Bearer {token()[:-2]}"],
    ],
)  # fmt: skip
async def test_authorization_other_than_one_bearer_token_is_refused(
    tokens: Authenticator, headers: list[str]
) -> None:
    assert await refusal(tokens, *headers) == "auth.token_invalid"


@given(place=st.integers(0, len(token()) - 1), letter=st.characters())
async def test_token_with_any_changed_character_is_refused(
    tokens: Authenticator, place: int, letter: str
) -> None:
    good = token()
    changed_token = good[:place] + letter + good[place + 1 :]
    expectation = (
        nullcontext() if changed_token == good else pytest.raises(ApiError, match=r"auth\.token_invalid")
    )
    with expectation:
        await tokens.authenticate([f"Bearer {changed_token}"])


async def test_keys_are_fetched_again_only_when_they_are_old() -> None:
    identity = Identity()
    async with serve_keys(identity) as tokens:
        for _ in range(3):
            await tokens.authenticate([f"Bearer {token()}"])
        assert identity.asked == 1
        identity.seconds = MAX_KEY_AGE_SECONDS
        identity.keys = [new_key("two").as_dict(private=False)]
        assert await refusal(tokens, f"Bearer {token()}") == "auth.token_invalid"
        assert identity.asked == 2


async def test_new_key_is_fetched_once_and_made_up_keys_are_rate_limited() -> None:
    identity, second = Identity(), new_key("two")
    async with serve_keys(identity) as tokens:
        await tokens.authenticate([f"Bearer {token()}"])
        identity.keys.append(second.as_dict(private=False))
        for number in range(5):
            assert await refusal(tokens, f"Bearer {token(new_key(str(number)))}") == "auth.token_invalid"
        assert identity.asked == 1
        identity.seconds = MIN_REFRESH_SECONDS
        assert await tokens.authenticate([f"Bearer {token(second)}"]) == Caller(ACCOUNT, PTK)
        assert identity.asked == 2


async def test_known_keys_are_used_and_unknown_ones_ask_to_retry_while_identity_is_unavailable() -> None:
    identity = Identity()
    async with serve_keys(identity) as tokens:
        identity.down = True
        with pytest.raises(IdentityUnavailable):
            await tokens.authenticate([f"Bearer {token()}"])
        identity.down, identity.seconds = False, MIN_REFRESH_SECONDS
        assert await tokens.authenticate([f"Bearer {token()}"])
        identity.down, identity.seconds = True, MAX_KEY_AGE_SECONDS * 2
        assert await tokens.authenticate([f"Bearer {token()}"])
        with pytest.raises(IdentityUnavailable):
            await tokens.authenticate([f"Bearer {token(new_key('two'))}"])
        identity.down, identity.seconds = False, identity.seconds + MIN_REFRESH_SECONDS
        identity.keys = [new_key("three").as_dict(private=False)]
        assert await refusal(tokens, f"Bearer {token()}") == "auth.token_invalid"


async def test_keys_of_another_type_are_ignored() -> None:
    identity = Identity()
    identity.keys[:0] = [
        RSAKey.generate_key(2048, {"kid": "one"}).as_dict(private=False),
        {"kty": "EC", "crv": "P-256", "kid": "broken", "x": "!", "y": "!"},
        {**new_key("sealing").as_dict(private=False), "use": "enc"},
    ]
    async with serve_keys(identity) as tokens:
        assert await tokens.authenticate([f"Bearer {token()}"])
        identity.seconds = MIN_REFRESH_SECONDS
        assert await refusal(tokens, f"Bearer {token(new_key('sealing'))}") == "auth.token_invalid"


async def test_a_token_is_never_logged(tokens: Authenticator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refused_token = token(iss="https://rahasia.example")
    await refusal(tokens, f"Bearer {refused_token}")
    assert "token refused: InvalidClaimError" in caplog.text
    assert refused_token not in caplog.text
    assert "rahasia" not in caplog.text
