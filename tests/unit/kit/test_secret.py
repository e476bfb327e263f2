from __future__ import annotations

import secrets

import pytest

from services.identity.settings import DEV_KEY_SECRET
from services.kit.secret import find_database_url_fault, find_secret_weakness, get_url_password
from services.kit.settings import DEV_CLIENT_SECRET


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "is required"),
        ("x" * 32, "1 different characters"),
        ("abc1234" * 5, "7 different characters"),
        ("0123456789abcdef" * 2, "repeats a shorter text"),
        ("a-secret-of-31-characters-or-so", "at least 32 characters"),
        (DEV_CLIENT_SECRET, "everybody knows"),
        (DEV_KEY_SECRET, "everybody knows"),
        ("a secret with blanks is none that a header can carry", "contains a space"),
        ("rahasia-dengan-huruf-\u00e9-yang-bukan-ASCII", "outside ASCII"),
        ("two-lines-of-a-secret\nthat-came-from-a-file", "a line break"),
    ],
)
def test_weak_secret_is_explained_without_being_shown(secret: str, reason: str) -> None:
    assert reason in (find_secret_weakness(secret) or "")
    assert not secret or secret not in (find_secret_weakness(secret) or "")


def test_generated_secret_is_never_weak() -> None:
    for generate in (secrets.token_hex, secrets.token_urlsafe):
        assert [find_secret_weakness(generate(32)) for _ in range(500)] == [None] * 500


@pytest.mark.parametrize(
    ("url", "is_valid"),
    [
        ("asyncpg://user:password@host/database", True),
        ("asyncpg://host:5433/database", True),
        ("asyncpg://user:p%40ss%2Fword@[::1]/database", True),
        ("", False),
        ("postgresql://user:password@host/database", False),
        ("asyncpg://user:password@host", False),
        ("asyncpg:///database", False),
        ("asyncpg://user:pass/word@host/database", False),
        ("asyncpg://user:password@host:port/database", False),
        ("sqlite://:memory:", False),
    ],
)
def test_database_url_is_checked_without_showing_the_password(url: str, is_valid: bool) -> None:
    fault = find_database_url_fault(url)
    assert (fault is None) == is_valid
    assert "word@" not in (fault or "").replace("user:password@host", "")


def test_password_of_a_url_is_decoded() -> None:
    assert get_url_password("asyncpg://user:p%40ss%2Fword@host/database") == "p@ss/word"
    assert get_url_password("asyncpg://user@host/database") == ""
