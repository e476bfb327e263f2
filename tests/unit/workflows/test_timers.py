"""When timers fall due: the local day and hour, repetitions, and changed dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.samples import params
from workflows.engine.timers import TimerState, advance_timer, arm_timers, first_due, reschedule_timer
from workflows.files.loader import load_shipped
from workflows.model.definition import AfterEntry, Label, OnDate, ParamRef, Recipient, Remind, Repeat, Timer

ZONES = {"WIB": ZoneInfo("Asia/Jakarta"), "WITA": ZoneInfo("Asia/Makassar"), "WIT": ZoneInfo("Asia/Jayapura")}
WIB = ZONES["WIB"]
TIMER = Timer("uji", Label("Uji", "Test"), ("submitted",), AfterEntry(3), Remind(Recipient.HEAD))
TWICE = replace(TIMER, repeat=Repeat(3, 2))
CLOSING = replace(TIMER, when=OnDate("planning_closes", -3))
MONDAY = datetime(2024, 1, 15, 2, tzinfo=UTC)
VALUES = params()


def local_time(text: str, hour: int = 8, zone: ZoneInfo = WIB) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), zone) + timedelta(hours=hour)


@pytest.mark.parametrize(("zone", "due"), [("WIB", 1), ("WITA", 0), ("WIT", 23 - 24)])
def test_timer_is_due_at_the_hour_of_the_school(zone: str, due: int) -> None:
    first = first_due(TIMER, MONDAY, VALUES, ZONES[zone])
    assert first.astimezone(UTC) == datetime(2024, 1, 18, tzinfo=UTC) + timedelta(hours=due)


@pytest.mark.parametrize(
    ("zone", "due"), [("WIB", "2024-01-18"), ("WITA", "2024-01-19"), ("WIT", "2024-01-19")]
)
def test_days_count_from_the_local_day_of_the_school(zone: str, due: str) -> None:
    since = datetime(2024, 1, 15, 16, 30, tzinfo=UTC)  # 23.30 in the west, and tomorrow elsewhere
    assert first_due(TIMER, since, VALUES, ZONES[zone]) == local_time(due, zone=ZONES[zone])


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [("2024-01-30", 3, "2024-02-02"), ("2024-02-28", 1, "2024-02-29"), ("2023-02-28", 1, "2023-03-01"),
     ("2024-12-31", 3, "2025-01-03")],
)  # fmt: skip
def test_days_cross_months_and_years(since: str, days: int, due: str) -> None:
    assert first_due(replace(TIMER, when=AfterEntry(days)), local_time(since, 10), VALUES, WIB) == local_time(
        due
    )


def test_days_may_be_a_value_of_the_period() -> None:
    timer = replace(
        TIMER, when=AfterEntry(ParamRef("revision_days")), repeat=Repeat(ParamRef("revision_days"), 2)
    )
    values = params(revision_days=14)
    first = first_due(timer, MONDAY, values, WIB)
    assert first == local_time("2024-01-29")
    assert advance_timer(timer, TimerState("uji", first, first), values, WIB, first).due == local_time(
        "2024-02-12"
    )


def test_the_shipped_timers_of_a_state_are_armed() -> None:
    timers = arm_timers(load_shipped(), "submitted", MONDAY, VALUES, WIB)
    assert timers == (
        TimerState("remind_superior", local_time("2024-01-18"), local_time("2024-01-18")),
        TimerState("escalate", local_time("2024-01-22"), local_time("2024-01-22")),
    )
    (draft,) = arm_timers(load_shipped(), "draft", MONDAY, VALUES, WIB)
    assert draft == TimerState("remind_draft_owner", local_time("2024-01-28"), local_time("2024-01-28"))
    assert arm_timers(load_shipped(), "approved", MONDAY, VALUES, WIB) == ()


def test_a_day_before_the_entry_is_skipped() -> None:
    late = local_time("2024-01-28", 9)
    (draft,) = arm_timers(load_shipped(), "draft", late, VALUES, WIB)
    assert draft == TimerState("remind_draft_owner", local_time("2024-01-28"), None, 1)
    weekly = replace(load_shipped(), timers=(replace(CLOSING, states=("draft",), repeat=Repeat(2, 3)),))
    assert arm_timers(weekly, "draft", late, VALUES, WIB)[0] == TimerState(
        "uji", local_time("2024-01-28"), local_time("2024-01-30"), 1
    )


def test_after_the_last_firing_none_is_due() -> None:
    first = first_due(TWICE, MONDAY, VALUES, WIB)
    second = advance_timer(TWICE, TimerState("uji", first, first), VALUES, WIB, first)
    assert second == TimerState("uji", first, local_time("2024-01-21"), 1)
    assert advance_timer(TWICE, second, VALUES, WIB, local_time("2024-01-21")).due is None


def test_missed_firings_are_skipped() -> None:
    often = replace(TIMER, repeat=Repeat(1, 5))
    first = first_due(often, MONDAY, VALUES, WIB)
    state = advance_timer(often, TimerState("uji", first, first), VALUES, WIB, local_time("2024-01-20", 9))
    assert state == TimerState("uji", first, local_time("2024-01-21"), 3)
    assert (
        advance_timer(often, TimerState("uji", first, first), VALUES, WIB, local_time("2024-03-01")).due
        is None
    )


LATER_CLOSING, EARLIER_CLOSING = params(planning_closes="2024-03-31"), params(planning_closes="2024-01-20")


def test_a_changed_date_reschedules_the_timer() -> None:
    waits = TimerState("uji", local_time("2024-01-28"), local_time("2024-01-28"))
    later = TimerState("uji", local_time("2024-03-28"), local_time("2024-03-28"))
    assert reschedule_timer(CLOSING, waits, MONDAY, LATER_CLOSING, WIB) == later
    assert reschedule_timer(CLOSING, waits, MONDAY, VALUES, WIB) is waits
    assert reschedule_timer(CLOSING, waits, MONDAY, EARLIER_CLOSING, WIB).due == local_time("2024-01-17")
    # after a firing or a skipped day: a later date gives a new reminder, an earlier one gives none
    state_after_firing = advance_timer(CLOSING, waits, VALUES, WIB, local_time("2024-01-28"))
    assert reschedule_timer(CLOSING, state_after_firing, MONDAY, LATER_CLOSING, WIB) == later
    assert reschedule_timer(CLOSING, state_after_firing, MONDAY, EARLIER_CLOSING, WIB).due is None
    assert reschedule_timer(CLOSING, waits, local_time("2024-01-18"), EARLIER_CLOSING, WIB).due is None


TIMERS = st.builds(
    lambda when, repeat, hour: replace(TIMER, when=when, repeat=repeat, hour=hour),
    st.one_of(
        st.integers(1, 40).map(AfterEntry),
        st.builds(OnDate, st.just("planning_closes"), st.integers(-40, 40)),
    ),
    st.none() | st.builds(Repeat, st.integers(1, 20), st.integers(1, 6)),
    st.integers(0, 23),
)
INSTANTS = st.integers(0, 180 * 24 * 60).map(lambda minute: MONDAY + timedelta(minutes=minute - 45 * 24 * 60))
DAYS = st.dates(date(2024, 1, 1), date(2024, 6, 30)).map(
    lambda closes: params(planning_closes=closes.isoformat())
)


@given(TIMERS, INSTANTS, st.sampled_from(sorted(ZONES)), st.lists(INSTANTS, max_size=25), DAYS)
def test_a_timer_never_fires_early_or_too_often(
    timer: Timer, since: datetime, zone: str, looks: list[datetime], values: dict[str, Any]
) -> None:
    """The clock may go forward, stop or go back."""
    place, definition = ZONES[zone], replace(load_shipped(), timers=(timer,))
    (now_armed,) = arm_timers(definition, "submitted", since, values, place)
    assert (now_armed,) == arm_timers(definition, "submitted", since, values, place)
    first, firings = now_armed.first_due, []
    for look in looks:
        if now_armed.due is None or now_armed.due > look:
            continue
        firings.append(now_armed.due)
        assert look >= now_armed.due >= first
        assert now_armed.due > since
        assert now_armed.due.astimezone(place).hour == timer.hour
        now_armed = advance_timer(timer, now_armed, values, place, look)
        assert now_armed.due is None or now_armed.due > look
    assert sorted(set(firings)) == firings
    assert len(firings) <= (timer.repeat.max_firings if timer.repeat else 1)


@given(TIMERS, INSTANTS, st.sampled_from(sorted(ZONES)), DAYS, DAYS, INSTANTS)
def test_a_changed_date_never_repeats_a_firing(
    timer: Timer, since: datetime, zone: str, before: dict[str, Any], after: dict[str, Any], look: datetime
) -> None:
    place, definition = ZONES[zone], replace(load_shipped(), timers=(timer,))
    (was,) = arm_timers(definition, "submitted", since, before, place)
    last = was.due
    if was.due and was.due <= look:
        was = advance_timer(timer, was, before, place, look)
    new_state = reschedule_timer(timer, was, since, after, place)
    assert new_state.first_due == first_due(timer, since, after, place)
    if new_state is not was and new_state.due and last and was.count:
        assert new_state.due > last
    assert reschedule_timer(timer, new_state, since, after, place) is new_state
