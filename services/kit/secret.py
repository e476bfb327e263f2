"""Secrets: generate one, hash it for storage, and find out whether it is weak."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import unquote, urlsplit

MIN_SECRET_LENGTH = 32
MIN_PASSWORD_LENGTH = (
    16  # of a database, which the internet cannot reach, or of a secret that a provider made
)
MIN_DISTINCT_CHARACTERS = 8  # one in 200 million texts of 32 random hexadecimal digits has fewer

DEV_PREFIX = "dev-only-"  # of every secret in this repository


def find_secret_weakness(secret: str, min_length: int = MIN_SECRET_LENGTH) -> str | None:
    """Return why a secret is weak, as a sentence without its subject, or None if it is strong."""
    if not secret:
        return "is required in prod"
    if secret.startswith(DEV_PREFIX):
        return "is the development secret, which everybody knows"
    if not all("!" <= character <= "~" for character in secret):
        return "contains a space, a line break or a character outside ASCII"
    if len(secret) < min_length:
        return f"must have at least {min_length} characters, and has {len(secret)}"
    if len(set(secret)) < MIN_DISTINCT_CHARACTERS:
        return f"has only {len(set(secret))} different characters and can be guessed"
    if secret in (secret + secret)[1:-1]:
        return "repeats a shorter text and can be guessed"
    return None


def get_url_password(url: str) -> str:
    """Return the password in the URL of a database, or an empty text."""
    return unquote(urlsplit(url).password or "")


def find_database_url_fault(url: str) -> str | None:
    """Return what is wrong with the URL of a database, as a sentence without its subject, or None."""
    if not url:
        return "is required"
    if not all("!" <= character <= "~" for character in url):
        return "contains a space, a line break or a character outside ASCII, which must be percent-encoded"
    try:
        parts = urlsplit(url)
        is_complete = (
            parts.scheme == "asyncpg" and parts.hostname and parts.port != 0 and parts.path.strip("/")
        )
    except ValueError:
        is_complete = False
    return None if is_complete else "must have the form asyncpg://user:password@host:port/database"


def generate_secret() -> str:
    """Return 256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Hash a generated secret for storage. 256 random bits need neither a slow hash nor a salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
