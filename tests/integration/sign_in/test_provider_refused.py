"""What a provider may say and is not believed, and whom it may prove and is not let in: nothing is left behind.

With -s the table of all refusals is printed.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.sign_in.environment import (
    CLOSED,
    EARLY,
    LEFT,
    Environment,
    provider_claims,
    session_token,
)
from tests.small_registry import email_of
from tests.table import Table

HOUR = 3600
ELSEWHERE = "https://accounts.example"
TEACHER = email_of(1)


def at(domain: str, **changed: object) -> dict[str, Any]:
    """An account of a domain that the provider vouches for."""
    return {"claims": provider_claims(f"guru1@{domain}", **changed)}


def says(**changed: object) -> dict[str, Any]:
    """The provider says otherwise of a teacher; None leaves a claim out."""
    return {"claims": provider_claims(TEACHER, **changed)}


def told(**retold: object) -> dict[str, Any]:
    """An ID token of a teacher with other claims; None leaves one out."""
    return {"claims": provider_claims(TEACHER), "retold": retold}


def signed(sign: str = "own", **header: object) -> dict[str, Any]:
    """An ID token of a teacher signed in another way."""
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
    ("no hd", says(hd=None), "signin.domain"),
    ("hd as a list", says(hd=["guru.sd.belajar.id"]), "signin.domain"),
    ("hd of ours, address of others", says(email="guru1@gmail.com", hd="guru.sd.belajar.id"), "signin.domain"),
    ("address with two @", says(email="guru1@evil.com@guru.sd.belajar.id"), "signin.email"),
    ("address with a Kelvin sign", says(email="bu\u212a@guru.sd.belajar.id"), "signin.email"),
    ("address not verified", says(email_verified=False), "signin.email_unverified"),
    ("verified in words", says(email_verified="true"), "signin.email_unverified"),
    ("nothing said of verification", says(email_verified=None), "signin.email_unverified"),
    ("no address", says(email=None), "signin.email"),
    ("ID token of another issuer", told(iss=ELSEWHERE), "signin.id_token iss"),
    ("ID token for another client", told(aud="another"), "signin.id_token aud"),
    ("ID token for nobody", told(aud=None), "signin.id_token aud"),
    ("ID token for us and others", told(aud=["rencana", "another"]), "signin.id_token azp"),
    ("ID token that another asked for", told(azp="another"), "signin.id_token azp"),
    ("ID token with an empty azp", told(azp=""), "signin.id_token azp"),
    ("ID token that has expired", told(iat=now - HOUR, exp=now - 300), "signin.id_token exp"),
    ("ID token without an end", told(exp=None), "signin.id_token exp"),
    ("ID token whose end is text", told(exp="2099"), "signin.id_token exp"),
    ("ID token of tomorrow", told(iat=now + 24 * HOUR, exp=now + 25 * HOUR), "signin.id_token iat"),
    ("ID token of an hour ago", told(iat=now - HOUR), "signin.id_token iat"),
    ("ID token that counts later", told(nbf=now + HOUR), "signin.id_token nbf"),
    ("ID token without our nonce", told(nonce=None), "signin.id_token nonce"),
    ("ID token with another nonce", told(nonce="another"), "signin.id_token nonce"),
    ("ID token without a signature", signed("none"), "signin.id_token signature"),
    ("ID token by a foreign key", signed("foreign"), "signin.id_token signature"),
    ("HS256 by the public key", signed("confused"), "signin.id_token signature"),
    ("HS256 by the client secret", signed("secret"), "signin.id_token signature"),
    ("ID token of an unknown key", signed(kid="another"), "signin.id_token signature"),
    ("ID token that names no key", signed(kid=None), "signin.id_token signature"),
    ("the person cancels", {"cancel": True}, "signin.cancelled"),
    ("account that nobody registered", says(email="siapa@guru.sd.belajar.id"), "admission.unknown"),
    ("account that is closed", says(email=CLOSED), "admission.closed"),
    ("account that opens in February", says(email=EARLY), "admission.not_yet_open"),
    ("account of somebody who left", says(email=LEFT), "admission.left"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "keyboard", "answer"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_nobody_gets_in_so(
    environment: Environment, refusals: Table, what: str, keyboard: dict[str, Any], answer: str
) -> None:
    await environment.provider.expects(**keyboard)
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
        assert (await session_token(environment, browser))[0] == 401
    assert await environment.dump_sessions() == before
    refusals.add(what, answer, "nothing")
