"""Formats of days and instants are strict: another spelling of ISO 8601 is a typing error."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.kit.clock import is_ahead, parse_date, parse_instant
from services.kit.settings import CommonSettings, SettingsError, load_settings

NOW = datetime(2024, 1, 15, 2, tzinfo=UTC)


def test_day_has_one_spelling() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "20240229", "2024-W09-4", "2024-060", "2024-2-29", "2024-02-30", "0001-01-01", "9999-12-31", "٢٠٢٤-٠٢-٢٩",
        "2024-02-29T00:00:00Z", " 2024-02-29", "1709164800", "",
    ],
)  # fmt: skip
def test_other_spelling_of_a_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|day is out of range"):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29", "20240229T000000Z", "2024-02-29T00:00:00", "2024-02-29 00:00:00Z", "2024-W09-4T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1709164800",
    ],
)  # fmt: skip
def test_other_spelling_of_an_instant_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_instant(text)
    monkeypatch.setenv("RENCANA_ENV", "dev")
    monkeypatch.setenv("RENCANA_NOW", text)
    with pytest.raises(SettingsError, match="RENCANA_NOW"):
        load_settings(CommonSettings)


def test_five_minutes_are_not_ahead() -> None:
    assert not is_ahead(NOW + timedelta(minutes=5), NOW)
    assert is_ahead(NOW + timedelta(minutes=5, microseconds=1), NOW)
