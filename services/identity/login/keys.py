"""The keys that sign tokens: encrypted PKCS#8 in the database, opened in memory only, shown as a JWKS.

A key appears in the JWKS at once and signs `SHOWN_BEFORE_USE` later, when every verifier has seen it.
"""

from __future__ import annotations

import logging
from datetime import datetime

from joserfc.jwk import ECKey

from services.identity.domain.token_key import SHOWN_BEFORE_USE, SigningKey, retirement, shown, signing
from services.identity.storage import changes, signing_keys
from services.kit.settings import SettingsError
from services.kit.unit_of_work import in_unit_of_work

log = logging.getLogger(__name__)

_LOCK = "signing keys"
_SHOWN_MEMBERS = ("kty", "crv", "x", "y", "kid", "use", "alg")


class Keyring:
    """The signing keys; another process may add one at any time, so each question reads them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._opened: dict[str, ECKey] = {}

    async def ensure(self, now: datetime) -> None:
        """Make the first key if there is none; SettingsError when the secret does not open the one in use.

        Any number of processes may start at once: one makes the key, the others find it.
        """

        async def work(_: object) -> None:
            await changes.hold([_LOCK])
            if signing(await signing_keys.every(), now) is None:
                await signing_keys.add(self._new(now, active_from=now))

        await in_unit_of_work(work)
        await self.signing_key(now)

    async def rotate(self, now: datetime) -> SigningKey:
        """Make the next key. The ones before it go once their last token has expired."""

        async def work(_: object) -> SigningKey:
            await changes.hold([_LOCK])
            key = self._new(now, active_from=now + SHOWN_BEFORE_USE)
            await signing_keys.retire_all(retirement(key.active_from))
            await signing_keys.add(key)
            return key

        return await in_unit_of_work(work)

    async def signing_key(self, now: datetime) -> ECKey:
        """The private key that signs now."""
        key = signing(await signing_keys.every(), now)
        if key is None:
            raise LookupError("no signing key: the service has not been started on this database")
        return self._open(key)

    async def verifying_key(self, kid: str, now: datetime) -> ECKey:
        """The public key by which a token of ours is checked now; ValueError where none of this id is shown."""
        for key in shown(await signing_keys.every(), now):
            if key.kid == kid:
                return ECKey.import_key(dict(key.public_jwk))
        raise ValueError("kid")

    async def jwks(self, now: datetime) -> dict[str, list[dict[str, str]]]:
        """The public keys that a verifier needs now (RFC 7517)."""
        return {"keys": [key.public_jwk for key in shown(await signing_keys.every(), now)]}

    def _new(self, now: datetime, *, active_from: datetime) -> SigningKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        sealed = key.as_pem(private=True, password=self._secret).decode()
        told = key.as_dict(private=False)
        public = {name: str(told[name]) for name in _SHOWN_MEMBERS}
        log.info("signing key %s made, active from %s", key.kid, active_from.isoformat())
        return SigningKey(public["kid"], sealed, public, now, active_from)

    def _open(self, key: SigningKey) -> ECKey:
        if key.kid not in self._opened:
            try:
                opened = ECKey.import_key(key.sealed, {"kid": key.kid}, password=self._secret)
            except ValueError:
                raise SettingsError("RENCANA_KEY_SECRET does not open the signing keys on record") from None
            self._opened[key.kid] = opened
        return self._opened[key.kid]
