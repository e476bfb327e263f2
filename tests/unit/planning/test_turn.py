"""The sentence that says whose turn a plan is, for every phase, turn and fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.plan.turn import ActionWindow, compose_sentence, find_action_window
from tests.unit.planning.plans import new_plan
from tests.unit.planning.reference import code_and_path, messages
from workflows.model.contract import ContractValues
from workflows.model.definition import Phase, Turn
from workflows.model.facts import Facts, Head, HeadKind

FACTS = Facts(
    now=datetime(2024, 1, 15, tzinfo=UTC), zone=ZoneInfo("Asia/Jakarta"),
    params={}, params_revision=1,
    head=Head(HeadKind.KOSONG), facts_as_of=None, sekolah_induk="99000001",
)  # fmt: skip
OPENS, CLOSES = date(2024, 1, 10), date(2024, 1, 31)
DAYS = ContractValues(OPENS, CLOSES, date(2024, 2, 1), date(2024, 2, 16), timedelta(hours=1), 32)
CONFIRMED_PLAN = replace(new_plan(), profile=replace(new_plan().profile, confirmed_at=FACTS.now))
DEFINITIF, PLT, KOSONG = HeadKind.DEFINITIF, HeadKind.PLT, HeadKind.KOSONG


@pytest.mark.parametrize(
    ("turn", "phase", "head", "code"),
    [
        (Turn.OWNER, Phase.DRAFT, DEFINITIF, "turn.owner_submits_by"),
        (Turn.OWNER, Phase.APPROVED, DEFINITIF, "turn.owner_begins"),
        (Turn.OWNER, Phase.AUTO_APPROVED, KOSONG, "turn.owner_begins"),
        (Turn.OWNER, Phase.SUBMITTED, DEFINITIF, "turn.owner"),
        (Turn.HEAD, Phase.SUBMITTED, DEFINITIF, "turn.kepala_sekolah_named"),
        (Turn.HEAD, Phase.SUBMITTED, PLT, "turn.plt_named"),
        (Turn.HEAD, Phase.AUTO_APPROVED, PLT, "turn.plt_confirms_named"),
        (Turn.HEAD, Phase.AUTO_APPROVED, DEFINITIF, "turn.kepala_sekolah_named"),
        (Turn.DINAS, Phase.SUBMITTED, KOSONG, "turn.dinas_appoints"),
        (Turn.DINAS, Phase.SUBMITTED, PLT, "turn.dinas_judges"),
        (Turn.NOBODY, Phase.IN_IMPLEMENTATION, DEFINITIF, "turn.nobody"),
    ],
)
def test_sentence_for_each_turn(turn: Turn, phase: Phase, head: HeadKind, code: str) -> None:
    facts = replace(FACTS, head=Head(head, None if head is KOSONG else "x"))
    assert (
        code_and_path(compose_sentence(CONFIRMED_PLAN, phase, turn, facts, DAYS, "Guru Contoh 9"))[0] == code
    )


@pytest.mark.parametrize(
    ("phase", "head", "code"),
    [
        (Phase.SUBMITTED, DEFINITIF, "turn.kepala_sekolah"),
        (Phase.SUBMITTED, PLT, "turn.plt"),
        (Phase.AUTO_APPROVED, PLT, "turn.plt_confirms"),
    ],
)
def test_head_without_a_name_is_named_by_office(phase: Phase, head: HeadKind, code: str) -> None:
    facts = replace(FACTS, head=Head(head, "x"))
    assert code_and_path(compose_sentence(CONFIRMED_PLAN, phase, Turn.HEAD, facts, DAYS, None))[0] == code


@pytest.mark.parametrize(
    ("closes", "code", "day"),
    [
        (date(2024, 1, 31), "turn.owner_corrects", "31 Januari"),
        (date(2024, 1, 15), "turn.owner_corrects", "15 Januari"),
        (date(2024, 1, 14), "turn.revision_passed", "12 Januari"),
    ],
)
def test_overdue_revision_can_be_submitted_until_the_window_closes(closes: date, code: str, day: str) -> None:
    returned = replace(CONFIRMED_PLAN, revision_due=date(2024, 1, 12))
    days = replace(DAYS, closes=closes)
    sentence = compose_sentence(returned, Phase.DRAFT, Turn.OWNER, FACTS, days, None)
    assert code_and_path(sentence)[0] == code
    assert day in messages().text(sentence, "id")


def test_sentence_of_a_draft_names_its_due_date_or_the_move() -> None:
    returned = replace(CONFIRMED_PLAN, revision_due=date(2024, 1, 29))
    assert (
        code_and_path(compose_sentence(returned, Phase.DRAFT, Turn.OWNER, FACTS, DAYS, None))[0]
        == "turn.owner_corrects"
    )
    elsewhere = replace(FACTS, sekolah_induk="99000003")
    assert (
        code_and_path(compose_sentence(returned, Phase.DRAFT, Turn.OWNER, elsewhere, DAYS, None))[0]
        == "turn.owner_moved"
    )
    # Until data diri are confirmed, *Mulai* takes the plan along.
    assert (
        code_and_path(compose_sentence(new_plan(), Phase.DRAFT, Turn.OWNER, elsewhere, DAYS, None))[0]
        == "turn.owner_submits_by"
    )


@pytest.mark.parametrize(
    ("opens", "closes", "days", "code", "told_day"),
    [
        (OPENS, CLOSES, ActionWindow(until=CLOSES), "turn.owner_submits_by", "31 Januari"),
        (
            date(2024, 1, 16),
            CLOSES,
            ActionWindow(date(2024, 1, 16), CLOSES),
            "turn.owner_waits",
            "16 Januari",
        ),
        (
            OPENS,
            date(2024, 1, 15),
            ActionWindow(until=date(2024, 1, 15)),
            "turn.owner_submits_by",
            "15 Januari",
        ),
        (OPENS, date(2024, 1, 14), ActionWindow(until=date(2024, 1, 14)), "turn.window_passed", "14 Januari"),
    ],
)
def test_window_of_a_draft(opens: date, closes: date, days: ActionWindow, code: str, told_day: str) -> None:
    period = replace(DAYS, opens=opens, closes=closes)
    assert find_action_window(CONFIRMED_PLAN, Phase.DRAFT, Turn.OWNER, FACTS, period) == days
    sentence = compose_sentence(CONFIRMED_PLAN, Phase.DRAFT, Turn.OWNER, FACTS, period, None)
    assert code_and_path(sentence)[0] == code
    assert told_day in messages().text(sentence, "id")


def test_window_ends_on_the_day_of_the_sentence() -> None:
    returned = replace(CONFIRMED_PLAN, revision_due=date(2024, 1, 12))
    for closes, day in ((CLOSES, CLOSES), (date(2024, 1, 14), date(2024, 1, 12))):
        period = replace(DAYS, closes=closes)
        assert find_action_window(returned, Phase.DRAFT, Turn.OWNER, FACTS, period) == ActionWindow(until=day)
    plt = replace(FACTS, head=Head(PLT, "x"))
    assert find_action_window(CONFIRMED_PLAN, Phase.AUTO_APPROVED, Turn.HEAD, plt, DAYS) == ActionWindow(
        opens=date(2024, 2, 16)
    )
    later = replace(plt, now=datetime(2024, 2, 16, tzinfo=UTC))
    assert find_action_window(CONFIRMED_PLAN, Phase.AUTO_APPROVED, Turn.HEAD, later, DAYS) == ActionWindow()
    assert find_action_window(CONFIRMED_PLAN, Phase.SUBMITTED, Turn.HEAD, FACTS, DAYS) == ActionWindow()
    elsewhere = replace(FACTS, sekolah_induk="99000003")
    assert find_action_window(CONFIRMED_PLAN, Phase.DRAFT, Turn.OWNER, elsewhere, DAYS) == ActionWindow()


@given(st.sampled_from(Turn), st.sampled_from(Phase), st.sampled_from(HeadKind), st.booleans())
def test_every_phase_and_turn_has_a_sentence(turn: Turn, phase: Phase, head: HeadKind, moved: bool) -> None:
    facts = replace(FACTS, head=Head(head), sekolah_induk="99000003" if moved else None)
    code_and_path(compose_sentence(CONFIRMED_PLAN, phase, turn, facts, DAYS, "Guru Contoh 9"))
