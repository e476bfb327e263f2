from base64 import urlsafe_b64encode
from collections.abc import Callable
from string import ascii_letters, digits
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import Problem, RequestRefused
from services.planning.api.ids import (
    encode_cursor,
    notification_id,
    parse_notification_id,
    parse_plan_id,
    parse_time_cursor,
    parse_timer_id,
    plan_id,
    timer_id,
)

PTK = "0f0e0d0c-0b0a-4908-8706-050403020100"
PERIODS = st.from_regex(r"2[0-9]{3}(-[12])?", fullmatch=True).filter(str.isascii)


def encode(clear: str) -> str:
    return urlsafe_b64encode(clear.encode()).decode().rstrip("=")


@given(ptk=st.uuids().map(str), period=PERIODS)
def test_plan_id_parses_to_its_plan(ptk: str, period: str) -> None:
    assert parse_plan_id(plan_id(ptk, period), ("id",)) == (ptk, period)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "Plan",
        f"Plan:{PTK}:2024-1",
        plan_id(PTK, "2024-1") + "=",
        plan_id(PTK, "2024-1") + "\n",
        " " + plan_id(PTK, "2024-1"),
        encode(f"Plan:{PTK}:2024-3"),
        encode(f"Plan:{PTK}:1999-1"),
        encode(f"Plan:{PTK}:"),
        encode(f"Plan:{PTK}:2024-1:x"),
        encode(f"plan:{PTK}:2024-1"),
        encode(f"School:{PTK}:2024-1"),
        encode(f"Plan:{PTK.upper()}:2024-1"),
        encode(f"Plan:{UUID(PTK).hex}:2024-1"),
        encode(f"Plan:{PTK}:٢٠٢٤"),
        "é" * 12,
        "A" * 100_000,
    ],
)
def test_malformed_plan_id_is_refused_at_its_path(text: str) -> None:
    with pytest.raises(RequestRefused) as error:
        parse_plan_id(text, ("input", "planId"))
    assert error.value.problems == (Problem("id.invalid", {}, ("input", "planId")),)


def test_plan_has_exactly_one_id() -> None:
    """Base64 leaves bits of the last letter unused. Letters that differ only in these are not two ids."""
    good = plan_id(PTK, "2024")
    plans = {last: parse_or_none(good[:-1] + last) for last in ascii_letters + digits + "-_"}
    assert {last: plan for last, plan in plans.items() if plan} == {
        "A": (PTK, "2024"), "Q": (PTK, "2025"), "g": (PTK, "2026"), "w": (PTK, "2027"),
    }  # fmt: skip


def parse_or_none(text: str) -> tuple[str, str] | None:
    try:
        return parse_plan_id(text, ("id",))
    except RequestRefused:
        return None


@given(text=st.text())
def test_arbitrary_text_is_refused(text: str) -> None:
    with pytest.raises(RequestRefused):
        parse_plan_id(text, ("id",))


def test_notification_id_holds_a_uuid() -> None:
    assert parse_notification_id(notification_id(PTK), ("ids", "0")) == PTK


def test_timer_id_holds_plan_and_name() -> None:
    assert parse_timer_id(timer_id(PTK, "2024-1", "escalate"), ("timer",)) == (PTK, "2024-1", "escalate")


@pytest.mark.parametrize("parse", [parse_notification_id, parse_timer_id])
@pytest.mark.parametrize("text", ["", "x", timer_id(PTK, "2024-1", "Uji"), notification_id("x")])
def test_malformed_id_is_refused(parse: Callable[[str, tuple[str, ...]], object], text: str) -> None:
    with pytest.raises(RequestRefused, match=r"id\.invalid"):
        parse(text, ("id",))


@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2024-01-15T02:00:00", "2024-W03-1T02:00:00Z",
        "20240115T020000Z", "2024-01-15T02:00:00+99:00", "",
    ],
)  # fmt: skip
def test_cursor_with_a_forged_instant_is_refused(instant: str) -> None:
    with pytest.raises(RequestRefused, match=r"cursor\.invalid"):
        parse_time_cursor(encode_cursor(instant, PTK), 1)
