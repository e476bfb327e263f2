"""Random secrets of ours (a state, a session, a refresh token, a push token), and what is stored of them."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is stored of a secret. 256 random bits need no slow hash, and no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
