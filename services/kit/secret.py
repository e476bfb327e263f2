"""Secrets: generate one, hash it for storage, and find out whether it is weak."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

MIN_SECRET_LENGTH = 32
MIN_PASSWORD_LENGTH = (
    16  # of a database, which the internet cannot reach, or of a secret that a provider made
)
MIN_DISTINCT_CHARACTERS = 8  # one in 200 million texts of 32 random hexadecimal digits has fewer

TLS_MODES = ("require", "verify-ca", "verify-full")  # of PostgreSQL, that accept no connection without TLS

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
    if not is_complete:
        return "must have the form asyncpg://user:password@host:port/database"
    return _find_parameter_fault(parts.query)


def _find_parameter_fault(query: str) -> str | None:
    try:
        parameters = parse_qs(query, strict_parsing=True, max_num_fields=2) if query else {}
    except ValueError:
        parameters = {"": []}
    if parameters.keys() - {"sslmode", "sslrootcert"} or any(len(one) > 1 for one in parameters.values()):
        return "may have the parameters sslmode and sslrootcert, each once, and no other"
    mode, certificates = get_ssl_mode(f"?{query}"), parameters.get("sslrootcert", [""])[0]
    if mode and mode not in (*TLS_MODES, "disable", "allow", "prefer"):
        return f"must have an sslmode of PostgreSQL, such as {' or '.join(TLS_MODES)}"
    if mode.startswith("verify") and not certificates:
        return "needs sslrootcert, the file of certificates by which the server is verified"
    if certificates and not Path(certificates).is_file():
        return "names a file in sslrootcert that does not exist"
    return None


def get_ssl_mode(url: str) -> str:
    """Return the parameter sslmode in the URL of a database, or an empty text."""
    return parse_qs(urlsplit(url).query).get("sslmode", [""])[0]


def generate_secret() -> str:
    """Return 256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Hash a generated secret for storage. 256 random bits need neither a slow hash nor a salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
