"""Responses of the provider that are refused, and accounts that are not admitted. Nothing is stored.

With -s the table of all refusals is printed.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.sign_in.environment import (
    CLOSED,
    EARLY,
    FORMER_STAFF,
    Environment,
    fetch_session_token,
    provider_claims,
)
from tests.small_registry import email_of
from tests.table import Table

HOUR = 3600
ELSEWHERE = "https://accounts.example"
TEACHER = email_of(1)


def at(domain: str, **changed: object) -> dict[str, Any]:
    """An account of a domain, in the claims of the provider."""
    return {"claims": provider_claims(f"guru1@{domain}", **changed)}


def change_claims(**changed: object) -> dict[str, Any]:
    """Let the provider send other claims of a teacher. None omits a claim."""
    return {"claims": provider_claims(TEACHER, **changed)}


def set_claims(**id_token_claims: object) -> dict[str, Any]:
    """Let the provider send an ID token with other claims. None omits a claim."""
    return {"claims": provider_claims(TEACHER), "id_token_claims": id_token_claims}


def set_signing_key(sign: str = "own", **header: object) -> dict[str, Any]:
    """Let the provider sign the ID token of a teacher in another way."""
    return {"claims": provider_claims(TEACHER), "sign": sign, "header": header}


now = time.time()
REFUSED = [
    ("hd of another organisation", at("sekolah.example"), "signin.domain"),
    ("hd in front of another domain", at("guru.sd.belajar.id.evil.com"), "signin.domain"),
    ("hd that only ends like belajar.id", at("guru.sd.xbelajar.id"), "signin.domain"),
    ("hd in other letter case", at("Guru.SD.belajar.id"), "signin.domain"),
    ("hd with a Cyrillic letter", at("guru.sd.belаjar.id"), "signin.email"),
    ("hd with a dot at its end", at("guru.sd.belajar.id."), "signin.email"),
    ("hd of pupils", at("sd.belajar.id"), "signin.domain"),
    ("hd of belajar.id itself", at("belajar.id"), "signin.domain"),
    ("no hd", change_claims(hd=None), "signin.domain"),
    ("hd as a list", change_claims(hd=["guru.sd.belajar.id"]), "signin.domain"),
    ("hd of ours, address of others", change_claims(email="guru1@gmail.com", hd="guru.sd.belajar.id"), "signin.domain"),
    ("address with two @", change_claims(email="guru1@evil.com@guru.sd.belajar.id"), "signin.email"),
    ("address with a Kelvin sign", change_claims(email="bu\u212a@guru.sd.belajar.id"), "signin.email"),
    ("address not verified", change_claims(email_verified=False), "signin.email_unverified"),
    ("verified in words", change_claims(email_verified="true"), "signin.email_unverified"),
    ("nothing said of verification", change_claims(email_verified=None), "signin.email_unverified"),
    ("no address", change_claims(email=None), "signin.email"),
    ("ID token of another issuer", set_claims(iss=ELSEWHERE), "signin.id_token iss"),
    ("ID token for another client", set_claims(aud="another"), "signin.id_token aud"),
    ("ID token for nobody", set_claims(aud=None), "signin.id_token aud"),
    ("ID token for us and others", set_claims(aud=["rencana", "another"]), "signin.id_token azp"),
    ("ID token that another asked for", set_claims(azp="another"), "signin.id_token azp"),
    ("ID token with an empty azp", set_claims(azp=""), "signin.id_token azp"),
    ("ID token that has expired", set_claims(iat=now - HOUR, exp=now - 300), "signin.id_token exp"),
    ("ID token without an end", set_claims(exp=None), "signin.id_token exp"),
    ("ID token whose end is text", set_claims(exp="2099"), "signin.id_token exp"),
    ("ID token of tomorrow", set_claims(iat=now + 24 * HOUR, exp=now + 25 * HOUR), "signin.id_token iat"),
    ("ID token of an hour ago", set_claims(iat=now - HOUR), "signin.id_token iat"),
    ("ID token that counts later", set_claims(nbf=now + HOUR), "signin.id_token nbf"),
    ("ID token without our nonce", set_claims(nonce=None), "signin.id_token nonce"),
    ("ID token with another nonce", set_claims(nonce="another"), "signin.id_token nonce"),
    ("ID token without a signature", set_signing_key("none"), "signin.id_token signature"),
    ("ID token by a foreign key", set_signing_key("foreign"), "signin.id_token signature"),
    ("HS256 by the public key", set_signing_key("confused"), "signin.id_token signature"),
    ("HS256 by the client secret", set_signing_key("secret"), "signin.id_token signature"),
    ("ID token of an unknown key", set_signing_key(kid="another"), "signin.id_token signature"),
    ("ID token that names no key", set_signing_key(kid=None), "signin.id_token signature"),
    ("the person cancels", {"cancel": True}, "signin.cancelled"),
    ("account that nobody registered", change_claims(email="siapa@guru.sd.belajar.id"), "admission.unknown"),
    ("account that is closed", change_claims(email=CLOSED), "admission.closed"),
    ("account that opens in February", change_claims(email=EARLY), "admission.not_yet_open"),
    ("account of somebody who left", change_claims(email=FORMER_STAFF), "admission.left"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "keyboard", "answer"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_sign_in_is_refused(
    environment: Environment, refusals: Table, case: str, keyboard: dict[str, Any], answer: str
) -> None:
    await environment.provider.set_next_answer(**keyboard)
    before = await environment.dump_sessions()
    async with environment.browser() as browser:
        status, _, page = await browser.get(f"{environment.identity}/login?return_to=/rencana")
        code, _, rule = answer.partition(" ")
        assert status == 403
        assert f"<small>{code} ·" in page
        assert not rule or f"({rule})" in page
        assert "You could not be signed in" in page
        assert "Belum dapat masuk" in page
        assert 'href="/login?return_to=https%3A%2F%2Frencana.example%2Frencana"' in page
        assert "guru1" not in page, "no address on the page"
        assert (await fetch_session_token(environment, browser))[0] == 401
    assert await environment.dump_sessions() == before
    refusals.add(case, answer, "nothing")
