"""A private key as it lies in the database: PKCS#8, encrypted under the key secret."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from joserfc.jwk import ECKey

from services.identity.people import store as people_store
from services.identity.tokens import store
from services.identity.tokens.model import SHOWN_BEFORE_USE, SigningKey, retirement, shown, signing
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.settings import SettingsError


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


log = logging.getLogger(__name__)

_LOCK = "signing keys"
_SHOWN_MEMBERS = ("kty", "crv", "x", "y", "kid", "use", "alg")


class Keyring:
    """The signing keys; another process may add one at any time, so each question reads them.

    Keys that lie under the `previous` secret are opened as well, and sealed anew when a process starts.
    """

    def __init__(self, secret: str, previous: str | None = None) -> None:
        self._secret, self._previous = secret, previous
        self._opened: dict[str, ECKey] = {}

    async def ensure(self, now: datetime) -> None:
        """Make the first key if there is none; SettingsError when the secret does not open the one in use.

        Any number of processes may start at once: one makes the key, the others find it.
        """

        async def work(connection: Connection) -> None:
            await people_store.lock_keys([_LOCK], connection)
            await self._reseal(connection)
            if signing(await store.every(connection), now) is None:
                await store.add(self._new(now, active_from=now), connection)
            await self.signing_key(now, connection)

        await run_in_transaction(work)

    async def rotate(self, now: datetime) -> SigningKey:
        """Make the next key. The ones before it go once their last token has expired."""

        async def work(connection: Connection) -> SigningKey:
            await people_store.lock_keys([_LOCK], connection)
            key = self._new(now, active_from=now + SHOWN_BEFORE_USE)
            await store.retire_all(retirement(key.active_from), connection)
            await store.add(key, connection)
            return key

        return await run_in_transaction(work)

    async def drop(self, kid: str, now: datetime) -> SigningKey:
        """Withdraw a key that has leaked; a new one signs at once, and is given. Refused: no such key is in force.

        What it signed is refused as soon as a verifier asks for the keys again: for planning when it first sees a
        token by the new key, else within `CACHED`.
        """

        async def work(connection: Connection) -> SigningKey:
            await people_store.lock_keys([_LOCK], connection)
            if kid not in {key.kid for key in shown(await store.every(connection), now)}:
                raise RequestRefused(Problem("key.not_shown", {"kid": kid}))
            await store.retire(kid, now, connection)
            key = self._new(now, active_from=now)
            await store.add(key, connection)
            log.warning("signing key %s is withdrawn", kid)
            return key

        return await run_in_transaction(work)

    async def signing_key(self, now: datetime, connection: Connection) -> ECKey:
        """The private key that signs now."""
        key = signing(await store.every(connection), now)
        if key is None:
            raise LookupError("no signing key: the service has not been started on this database")
        return self._open(key)

    async def verifying_key(self, kid: str, now: datetime, connection: Connection) -> ECKey:
        """The public key by which a token of ours is checked now; ValueError where none of this id is shown."""
        for key in shown(await store.every(connection), now):
            if key.kid == kid:
                return ECKey.import_key(dict(key.public_jwk))
        raise ValueError("kid")

    async def jwks(self, now: datetime, connection: Connection) -> dict[str, list[dict[str, str]]]:
        """The public keys that a verifier needs now (RFC 7517)."""
        return {"keys": [key.public_jwk for key in shown(await store.every(connection), now)]}

    def _new(self, now: datetime, *, active_from: datetime) -> SigningKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        told = key.as_dict(private=False)
        public = {name: str(told[name]) for name in _SHOWN_MEMBERS}
        log.info("signing key %s made, active from %s", key.kid, active_from.isoformat())
        return SigningKey(public["kid"], seal(key, self._secret), public, now, active_from)

    async def _reseal(self, connection: Connection) -> None:
        if self._previous is None:
            return
        for key in await store.every(connection):
            if unseal(key, [self._secret]) is None and (opened := unseal(key, [self._previous])):
                await store.reseal(key.kid, seal(opened, self._secret), connection)
                log.info("signing key %s lies under the new secret now", key.kid)

    def _open(self, key: SigningKey) -> ECKey:
        if key.kid not in self._opened:
            secrets = [self._secret, self._previous] if self._previous else [self._secret]
            opened = unseal(key, secrets)
            if opened is None:
                raise SettingsError("RENCANA_KEY_SECRET does not open the signing keys on record")
            self._opened[key.kid] = opened
        return self._opened[key.kid]
