"""Random secrets, what is stored of them, and when a secret is too weak to guard anything."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import unquote, urlsplit

MIN_SECRET_LENGTH = 32
MIN_PASSWORD_LENGTH = 16  # of a database, which is no public door; of a secret that somebody else made
MIN_DISTINCT_CHARACTERS = (
    8  # 32 random hexadecimal digits have fewer different ones once in 200 million times
)

DEV_PREFIX = "dev-only-"  # every secret that stands in this repository begins so


def find_secret_weakness(secret: str, min_length: int = MIN_SECRET_LENGTH) -> str | None:
    """What is wrong with a secret, as the end of a sentence that begins with its name; None where nothing is."""
    if not secret:
        return "is required in prod"
    if secret.startswith(DEV_PREFIX):
        return "is the one of development, which everybody knows"
    if not all("!" <= character <= "~" for character in secret):
        return "holds a blank, a line break or a letter beyond ASCII"
    if len(secret) < min_length:
        return f"must be a secret of at least {min_length} characters, and has {len(secret)}"
    if len(set(secret)) < MIN_DISTINCT_CHARACTERS:
        return f"has {len(set(secret))} different characters only, and can be guessed"
    if secret in (secret + secret)[1:-1]:
        return "repeats a shorter text, and can be guessed"
    return None


def get_url_password(url: str) -> str:
    """The password that stands in the URL of a database, or nothing."""
    return unquote(urlsplit(url).password or "")


def find_database_url_fault(url: str) -> str | None:
    """What is wrong with the URL of a database, as the end of a sentence that begins with its name."""
    if not url:
        return "is required"
    try:
        parts = urlsplit(url)
        is_complete = (
            parts.scheme == "asyncpg" and parts.hostname and parts.port != 0 and parts.path.strip("/")
        )
    except ValueError:
        is_complete = False
    return None if is_complete else "must read asyncpg://user:password@host:port/database"


def generate_secret() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is stored of a secret. 256 random bits need no slow hash, and no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
