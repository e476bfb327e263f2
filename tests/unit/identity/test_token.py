from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.tokens.model import AccountSubject, build_claims, sign_token

ACCOUNT = UUID("77777777-7777-4777-8777-000000000001")
PTK = UUID("33333333-3333-4333-8333-000000000001")
NOW = datetime(2024, 1, 5, 3, tzinfo=UTC)


def test_token_has_the_specified_claims_only() -> None:
    claims = build_claims(AccountSubject(ACCOUNT, PTK), "https://identity.example", NOW)
    assert len(str(claims.pop("jti"))) == 36
    assert claims == {
        "iss": "https://identity.example",
        "aud": "rencana-planning",
        "sub": f"ptk:{PTK}",
        "acc": str(ACCOUNT),
        "scope": "",
        "iat": 1704423600,
        "nbf": 1704423600,
        "exp": 1704423600 + 15 * 60,
    }


def test_token_tells_its_session_and_when_the_person_signed_in() -> None:
    session = UUID(int=8)
    subject = AccountSubject(ACCOUNT, PTK, session_id=session, signed_in_at=NOW - timedelta(hours=2))
    claims = build_claims(subject, "i", NOW)
    assert (claims["sid"], claims["auth_time"]) == (str(session), claims["iat"] - 7200)


def test_account_without_a_ptk_is_its_own_subject_and_scopes_are_sorted() -> None:
    claims = build_claims(AccountSubject(ACCOUNT, None, frozenset({"partner", "admin"})), "i", NOW)
    assert (claims["sub"], claims["scope"]) == (f"account:{ACCOUNT}", "admin partner")


def test_every_token_has_its_own_jti() -> None:
    assert len({build_claims(AccountSubject(ACCOUNT, PTK), "i", NOW)["jti"] for _ in range(50)}) == 50


def test_token_is_signed_with_es256_by_its_key() -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)
    token = jwt.decode(sign_token({"sub": "ptk:1"}, key), key, ["ES256"])
    assert token.header == {"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}
    assert token.claims == {"sub": "ptk:1"}
