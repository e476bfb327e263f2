"""The keyring of signing keys. Private keys are stored as PKCS#8, encrypted with the key secret."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from joserfc.jwk import ECKey

from services.identity.people import store as people_store
from services.identity.tokens import store
from services.identity.tokens.model import (
    PUBLISHED_BEFORE_USE,
    SigningKey,
    choose_signing_key,
    find_retirement,
    list_published_keys,
)
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.settings import SettingsError


def encrypt_key(key: ECKey, secret: str) -> str:
    """Return the private key as an encrypted PEM."""
    return key.as_pem(private=True, password=secret).decode()


def decrypt_key(key: SigningKey, secrets: Sequence[str]) -> ECKey | None:
    """Decrypt the private key with the first secret that fits. Returns None if none fits."""
    for secret in secrets:
        try:
            return ECKey.import_key(key.private_pem, {"kid": key.kid}, password=secret)
        except ValueError:
            continue
    return None


log = logging.getLogger(__name__)

_LOCK = "signing keys"
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "kid", "use", "alg")


class Keyring:
    """The signing keys. Another process may add one at any time, so each method reads them from the database.

    Keys that are encrypted with the `previous` secret can be used, and are encrypted again when a process starts.
    """

    def __init__(self, secret: str, previous: str | None = None) -> None:
        self._secret, self._previous = secret, previous
        self._private_keys: dict[str, ECKey] = {}

    async def ensure_signing_key(self, now: datetime) -> None:
        """Create the first key if there is none. Raises SettingsError if the secret does not fit the current key.

        A lock lets one of several starting processes create the key.
        """

        async def work(connection: Connection) -> None:
            await people_store.lock_keys([_LOCK], connection)
            await self._reencrypt(connection)
            if choose_signing_key(await store.load_keys(connection), now) is None:
                await store.insert_key(self._generate(now, active_from=now), connection)
            await self.load_signing_key(now, connection)

        await run_in_transaction(work)

    async def rotate(self, now: datetime) -> SigningKey:
        """Create the next key. The keys before it retire when their last token has expired."""

        async def work(connection: Connection) -> SigningKey:
            await people_store.lock_keys([_LOCK], connection)
            key = self._generate(now, active_from=now + PUBLISHED_BEFORE_USE)
            await store.retire_all(find_retirement(key.active_from), connection)
            await store.insert_key(key, connection)
            return key

        return await run_in_transaction(work)

    async def withdraw(self, kid: str, now: datetime) -> SigningKey:
        """Withdraw a leaked key and return the new key, which signs at once. Raises RequestRefused `key.not_shown`.

        A verifier refuses tokens of the withdrawn key once it fetches the keys again: planning at the first token of
        the new key, others within JWKS_MAX_AGE.
        """

        async def work(connection: Connection) -> SigningKey:
            await people_store.lock_keys([_LOCK], connection)
            if kid not in {key.kid for key in list_published_keys(await store.load_keys(connection), now)}:
                raise RequestRefused(Problem("key.not_shown", {"kid": kid}))
            await store.retire(kid, now, connection)
            key = self._generate(now, active_from=now)
            await store.insert_key(key, connection)
            log.warning("signing key %s is withdrawn", kid)
            return key

        return await run_in_transaction(work)

    async def load_signing_key(self, now: datetime, connection: Connection) -> ECKey:
        """Return the private key that signs now. Raises LookupError if there is none."""
        key = choose_signing_key(await store.load_keys(connection), now)
        if key is None:
            raise LookupError("no signing key: the service has not been started on this database")
        return self._decrypt(key)

    async def load_verification_key(self, kid: str, now: datetime, connection: Connection) -> ECKey:
        """Return the published public key of an id. Raises ValueError if there is none."""
        for key in list_published_keys(await store.load_keys(connection), now):
            if key.kid == kid:
                return ECKey.import_key(dict(key.public_jwk))
        raise ValueError("kid")

    async def build_jwks(self, now: datetime, connection: Connection) -> dict[str, list[dict[str, str]]]:
        """Return the published public keys (RFC 7517)."""
        return {
            "keys": [key.public_jwk for key in list_published_keys(await store.load_keys(connection), now)]
        }

    def _generate(self, now: datetime, *, active_from: datetime) -> SigningKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        members = key.as_dict(private=False)
        public = {name: str(members[name]) for name in _PUBLIC_MEMBERS}
        log.info("signing key %s created, active from %s", key.kid, active_from.isoformat())
        return SigningKey(public["kid"], encrypt_key(key, self._secret), public, now, active_from)

    async def _reencrypt(self, connection: Connection) -> None:
        if self._previous is None:
            return
        for key in await store.load_keys(connection):
            if decrypt_key(key, [self._secret]) is None and (
                private_key := decrypt_key(key, [self._previous])
            ):
                await store.update_private_pem(key.kid, encrypt_key(private_key, self._secret), connection)
                log.info("signing key %s is encrypted with the new secret", key.kid)

    def _decrypt(self, key: SigningKey) -> ECKey:
        if key.kid not in self._private_keys:
            secrets = [self._secret, self._previous] if self._previous else [self._secret]
            private_key = decrypt_key(key, secrets)
            if private_key is None:
                raise SettingsError("RENCANA_KEY_SECRET does not decrypt the stored signing keys")
            self._private_keys[key.kid] = private_key
        return self._private_keys[key.kid]
