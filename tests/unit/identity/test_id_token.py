"""Claims that a real provider cannot be made to send; tests/integration/sign_in covers the others."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.accounts.model import ACCOUNT_DOMAINS, is_domain_pattern, matches_domain
from services.identity.sign_in.id_token import CLOCK_SKEW, GOOGLE, Claims, ExpectedClaims, verify_identity
from services.identity.sign_in.model import ATTEMPT_LIFETIME, ProviderIdentity
from services.kit.problems import RequestRefused

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
GOOD: Claims = {
    "iss": GOOGLE, "aud": "rencana", "azp": "rencana", "nonce": "n", "iat": NOW.timestamp(),
    "exp": NOW.timestamp() + 3600, "email": "Ratna.Contoh@guru.sd.belajar.id", "email_verified": True,
    "hd": "guru.sd.belajar.id", "sub": "117",
}  # fmt: skip
US = ExpectedClaims(GOOGLE, "rencana", "n", ACCOUNT_DOMAINS)


def test_verified_address_is_in_lower_case() -> None:
    assert verify_identity(GOOD, US, NOW) == ProviderIdentity(
        GOOGLE, "117", "ratna.contoh@guru.sd.belajar.id"
    )


@pytest.mark.parametrize(
    ("issuer", "claim", "is_accepted"),
    [
        (GOOGLE, GOOGLE, True),
        (GOOGLE, "accounts.google.com", True),
        (GOOGLE, "http://accounts.google.com", False),
        (GOOGLE, "https://accounts.google.com/", False),
        ("https://accounts.example", "accounts.example", False),
    ],
)
def test_both_issuer_names_of_google_are_accepted(issuer: str, claim: str, is_accepted: bool) -> None:
    expected = ExpectedClaims(issuer, "rencana", "n", ACCOUNT_DOMAINS)
    if is_accepted:
        assert verify_identity({**GOOD, "iss": claim}, expected, NOW)
    else:
        with pytest.raises(RequestRefused):
            verify_identity({**GOOD, "iss": claim}, expected, NOW)


@pytest.mark.parametrize(
    ("claim", "last", "too_far"),
    [
        ("exp", -CLOCK_SKEW + timedelta(seconds=1), -CLOCK_SKEW),
        ("iat", CLOCK_SKEW, CLOCK_SKEW + timedelta(seconds=1)),
        ("iat", -(ATTEMPT_LIFETIME + CLOCK_SKEW), -(ATTEMPT_LIFETIME + CLOCK_SKEW) - timedelta(seconds=1)),
        ("nbf", CLOCK_SKEW, CLOCK_SKEW + timedelta(seconds=1)),
    ],
)
def test_clock_skew_of_a_minute_is_accepted(claim: str, last: timedelta, too_far: timedelta) -> None:
    assert verify_identity({**GOOD, claim: (NOW + last).timestamp()}, US, NOW)
    with pytest.raises(RequestRefused):
        verify_identity({**GOOD, claim: (NOW + too_far).timestamp()}, US, NOW)


@pytest.mark.parametrize("subject", [None, "", 117, "é", "1" * 256])
def test_id_of_a_person_is_required(subject: object) -> None:
    with pytest.raises(RequestRefused) as refusal:
        verify_identity({**GOOD, "sub": subject}, US, NOW)
    assert refusal.value.problems[0].params == {"rule": "sub"}


ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), ANYTHING, min_size=1))
def test_any_claim_is_accepted_or_refused(changes: dict[str, object]) -> None:
    with suppress(RequestRefused):
        address = verify_identity({**GOOD, **changes}, US, NOW).email
        assert address.rpartition("@")[2] == "guru.sd.belajar.id"


@pytest.mark.parametrize(
    "domain",
    ["guru.sd.belajar.id", "guru.paud.belajar.id", "admin.belajar.id", "admin.sd.belajar.id", "dinas.belajar.id",
     "dinas.kab-contoh.belajar.id", "dinas.kota.jawa-barat.belajar.id"],
)  # fmt: skip
def test_domains_of_belajar_id_match(domain: str) -> None:
    assert matches_domain(domain, ACCOUNT_DOMAINS)


@pytest.mark.parametrize(
    "domain",
    ["", "belajar.id", "sd.belajar.id", "siswa.sd.belajar.id", "guru.belajar.id", "guru.sd.belajar.id.",
     "guru.sd.belajar.id\n", "guru.sd.belajar.id.evil.com", "dinas.belajar.id.belajar.id.evil.com",
     "guru.sd.xbelajar.id", "xguru.sd.belajar.id", "adminx.sd.belajar.id", "guruxsd.belajar.id",
     "guru.sd.belajarxid", "GURU.sd.belajar.id", "guru..belajar.id", "admin..belajar.id", "admin.-.belajar.id",
     "admin.é.belajar.id", "guru.sd.belajar.ıd"],
)  # fmt: skip
def test_other_domains_do_not_match(domain: str) -> None:
    assert not matches_domain(domain, ACCOUNT_DOMAINS)


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [("contoh.example", True), ("*.contoh.example", True), ("a.*.example", True), ("example", False), ("*", False),
     ("Contoh.example", False), ("contoh.*x.example", False), (".example", False), ("contoh.example/", False)],
)  # fmt: skip
def test_domain_pattern_is_valid(text: str, well_formed: bool) -> None:
    assert is_domain_pattern(text) is well_formed
