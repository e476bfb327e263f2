"""A private key as it lies in the database: PKCS#8, encrypted under the key secret."""

from __future__ import annotations

from collections.abc import Sequence

from joserfc.jwk import ECKey

from services.identity.domain.token_key import SigningKey


def seal(key: ECKey, secret: str) -> str:
    """The private key as an encrypted PEM."""
    return key.as_pem(private=True, password=secret).decode()


def unseal(key: SigningKey, secrets: Sequence[str]) -> ECKey | None:
    """The private key, by the first secret that opens it; None where none does."""
    for secret in secrets:
        try:
            return ECKey.import_key(key.sealed, {"kid": key.kid}, password=secret)
        except ValueError:
            continue
    return None
