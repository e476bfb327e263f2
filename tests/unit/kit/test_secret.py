from __future__ import annotations

import secrets

import pytest

from services.identity.settings import DEV_KEY_SECRET
from services.kit.secret import find_database_url_fault, find_secret_weakness, get_url_password
from services.kit.settings import DEV_CLIENT_SECRET


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "is required"),
        ("x" * 32, "1 different characters only"),
        ("abc1234" * 5, "7 different characters only"),
        ("0123456789abcdef" * 2, "repeats a shorter text"),
        ("a-secret-of-31-characters-or-so", "at least 32 characters"),
        (DEV_CLIENT_SECRET, "everybody knows"),
        (DEV_KEY_SECRET, "everybody knows"),
        ("a secret with blanks is none that a header can carry", "holds a blank"),
        ("rahasia-dengan-huruf-\u00e9-yang-bukan-ASCII", "beyond ASCII"),
        ("two-lines-of-a-secret\nthat-came-from-a-file", "a line break"),
    ],
)
def test_a_weak_secret_is_told_how_it_is_weak(secret: str, said: str) -> None:
    assert said in (find_secret_weakness(secret) or "")
    assert not secret or secret not in (find_secret_weakness(secret) or "")


def test_what_a_machine_makes_is_never_weak() -> None:
    for make in (secrets.token_hex, secrets.token_urlsafe):
        assert [find_secret_weakness(make(32)) for _ in range(500)] == [None] * 500


@pytest.mark.parametrize(
    ("url", "fits"),
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
def test_the_url_of_a_database(url: str, fits: bool) -> None:
    said = find_database_url_fault(url)
    assert (said is None) == fits
    assert "word@" not in (said or "").replace("user:password@host", "")


def test_the_password_in_a_url_is_read_as_it_was_meant() -> None:
    assert get_url_password("asyncpg://user:p%40ss%2Fword@host/database") == "p@ss/word"
    assert get_url_password("asyncpg://user@host/database") == ""
