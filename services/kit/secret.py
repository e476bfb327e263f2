"""Random secrets, what is stored of them, and when a secret is too weak to guard anything."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import unquote, urlsplit

MINIMUM_SECRET = 32
MINIMUM_PASSWORD = 16  # of a database, which is no public door; of a secret that somebody else made
MINIMUM_VARIETY = 8  # 32 random hexadecimal digits have fewer different ones once in 200 million times

DEV_PREFIX = "dev-only-"  # every secret that stands in this repository begins so


def why_weak(secret: str, minimum: int = MINIMUM_SECRET) -> str | None:
    """What is wrong with a secret, as the end of a sentence that begins with its name; None where nothing is."""
    if not secret:
        return "is required in prod"
    if secret.startswith(DEV_PREFIX):
        return "is the one of development, which everybody knows"
    if not all("!" <= character <= "~" for character in secret):
        return "holds a blank, a line break or a letter beyond ASCII"
    if len(secret) < minimum:
        return f"must be a secret of at least {minimum} characters, and has {len(secret)}"
    if len(set(secret)) < MINIMUM_VARIETY:
        return f"has {len(set(secret))} different characters only, and can be guessed"
    if secret in (secret + secret)[1:-1]:
        return "repeats a shorter text, and can be guessed"
    return None


def password_of(url: str) -> str:
    """The password that stands in the URL of a database, or nothing."""
    return unquote(urlsplit(url).password or "")


def why_no_database(url: str) -> str | None:
    """What is wrong with the URL of a database, as the end of a sentence that begins with its name."""
    if not url:
        return "is required"
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "asyncpg" and parts.hostname and parts.port != 0 and parts.path.strip("/")
    except ValueError:
        whole = False
    return None if whole else "must read asyncpg://user:password@host:port/database"


def new_secret() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is stored of a secret. 256 random bits need no slow hash, and no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
