"""Each predicate: when it holds, its refusals, and the facts it reads."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.workflows.samples import (
    DEFINITIF,
    DISPUTED,
    ELSEWHERE,
    KOSONG,
    NOW,
    NPSN,
    OWNER,
    PLT,
    facts,
    plan,
)
from workflows.engine.predicates import PREDICATES, ArgType, Refusals, ResolvedBy, predicate
from workflows.model.facts import Facts, Head, HeadKind, Refusal, Snapshot, WithdrawnChoice

OPENS, CLOSES = date(2024, 1, 1), date(2024, 1, 31)
WINDOW = {"opens": OPENS, "closes": CLOSES}
WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]  # a date and a time, nothing else


# predicate, changed facts, arguments → refusals
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[Refusal]]] = [
    ("profile_confirmed", {}, {}, []),
    (
        "profile_confirmed",
        {"profile_confirmed": False},
        {},
        [Refusal("profile.not_confirmed", path=("profile",))],
    ),
    ("tabs_complete", {}, {}, []),
    (
        "tabs_complete",
        {
            "missing_parts": (
                Refusal("indikator.missing", path=("praktik",)),
                Refusal("aspek.missing", {"n": 2}, ("perilaku",)),
            )
        },
        {},
        [Refusal("indikator.missing", path=("praktik",)), Refusal("aspek.missing", {"n": 2}, ("perilaku",))],
    ),
    ("choices_offered", {}, {}, []),
    (
        "choices_offered",
        {"withdrawn_choices": (WithdrawnChoice("RHK-1", ("rhk", "0")),)},
        {},
        [Refusal("choice.withdrawn", {"choice": "RHK-1"}, ("rhk", "0"))],
    ),
    ("at_satminkal", {}, {}, []),
    ("at_satminkal", {"sekolah_induk": None}, {}, [Refusal("satminkal.unknown")]),
    (
        "at_satminkal",
        {"sekolah_induk": ELSEWHERE},
        {},
        [Refusal("satminkal.other", {"npsn": plan().npsn, "sekolah_induk": ELSEWHERE})],
    ),
    # the first and the last minute, in each zone of the country
    (
        "window_open",
        {"zone": WIB, "now": utc(2023, 12, 31, 16, 59)},
        WINDOW,
        [Refusal("window.not_open", WINDOW)],
    ),
    ("window_open", {"zone": WIB, "now": utc(2023, 12, 31, 17)}, WINDOW, []),
    ("window_open", {"zone": WIB, "now": utc(2024, 1, 31, 16, 59)}, WINDOW, []),
    ("window_open", {"zone": WIB, "now": utc(2024, 1, 31, 17)}, WINDOW, [Refusal("window.closed", WINDOW)]),
    ("window_open", {"zone": WITA, "now": utc(2024, 1, 31, 15, 59)}, WINDOW, []),
    ("window_open", {"zone": WITA, "now": utc(2024, 1, 31, 16)}, WINDOW, [Refusal("window.closed", WINDOW)]),
    ("window_open", {"zone": WIT, "now": utc(2024, 1, 31, 14, 59)}, WINDOW, []),
    ("window_open", {"zone": WIT, "now": utc(2024, 1, 31, 15)}, WINDOW, [Refusal("window.closed", WINDOW)]),
    ("within_revision", {}, {}, [Refusal("revision.none")]),
    ("within_revision", {"revision_due": date(2024, 1, 15)}, {}, []),
    (
        "within_revision",
        {"revision_due": date(2024, 1, 14)},
        {},
        [Refusal("revision.passed", {"due": date(2024, 1, 14)})],
    ),
    ("facts_fresh", {"facts_as_of": NOW - timedelta(minutes=60)}, {"minutes": 60}, []),
    (
        "facts_fresh",
        {"facts_as_of": NOW - timedelta(minutes=60, seconds=1)},
        {"minutes": 60},
        [Refusal("facts.stale", {"minutes": 60})],
    ),
    (
        "facts_fresh",
        {"facts_as_of": None},
        {"minutes": 10**14},
        [Refusal("facts.stale", {"minutes": 10**14})],
    ),
    ("facts_fresh", {}, {"minutes": 10**14}, []),
    ("head_is", {"head": PLT}, {"kind": "plt"}, []),
    ("head_is", {"head": KOSONG}, {"kind": "kosong"}, []),
    (
        "head_is",
        {"head": DEFINITIF},
        {"kind": "plt"},
        [Refusal("head.is_other", {"wanted": "plt", "kind": "definitif"})],
    ),
    ("head_is_owner", {"head": Head(HeadKind.PLT, OWNER)}, {}, []),
    ("head_is_owner", {"head": PLT}, {}, [Refusal("head.is_another")]),
    ("head_is_owner", {"head": KOSONG}, {}, [Refusal("head.vacant", {"npsn": NPSN})]),
    ("head_is_owner", {"head": DISPUTED}, {}, [Refusal("head.disputed", {"npsn": NPSN})]),
    ("may_plan", {}, {}, []),
    (
        "may_plan",
        {"access_refusals": (Refusal("access.left", {"who_can_fix": "operator_sekolah"}),)},
        {},
        [Refusal("access.left", {"who_can_fix": "operator_sekolah"})],
    ),
    ("may_move", {}, {}, []),
    (
        "may_move",
        {"move_refusals": (Refusal("move.same_school", {"npsn": ELSEWHERE}),)},
        {},
        [Refusal("move.same_school", {"npsn": ELSEWHERE})],
    ),
    ("param_on", {}, {"value": True}, []),
    ("param_on", {}, {"value": False}, [Refusal("param.off")]),
    ("points_at_least", {"points": 32}, {"minimum": 32}, []),
    (
        "points_at_least",
        {"points": 31},
        {"minimum": 32},
        [Refusal("points.below_minimum", {"points": 31, "minimum": 32}, ("pengembangan_kompetensi",))],
    ),
    ("plt_confirmed", {"plt_confirmed": True}, {"opens": date(2024, 2, 16)}, []),
    (
        "plt_confirmed",
        {"now": utc(2024, 2, 15, 16, 59)},
        {"opens": date(2024, 2, 16)},
        [Refusal("plt.confirmation_not_open", {"opens": date(2024, 2, 16)})],
    ),
    (
        "plt_confirmed",
        {"now": utc(2024, 2, 15, 17)},
        {"opens": date(2024, 2, 16)},
        [Refusal("plt.not_confirmed", {"opens": date(2024, 2, 16)})],
    ),
]


@pytest.mark.parametrize(("name", "changes", "args", "refusals"), CASES)
def test_a_predicate_holds_or_refuses(
    name: str, changes: dict[str, Any], args: dict[str, Any], refusals: list[Refusal]
) -> None:
    assert list(PREDICATES[name].test(facts(**changes), plan(), **args)) == refusals


def test_the_cases_cover_both_values_and_every_declared_code() -> None:
    for name, declared in PREDICATES.items():
        outcomes = [refusals for case, _, _, refusals in CASES if case == name]
        assert [] in outcomes
        codes = {refusal.code for refusals in outcomes for refusal in refusals}
        assert codes, name
        assert name in {"tabs_complete", "may_plan", "may_move"} or codes == set(declared.codes)


class RecordingFacts:
    """Facts that record which of them are read."""

    def __init__(self, facts: Facts) -> None:
        self.watched, self.read = facts, set[str]()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self.watched, name)


@pytest.mark.parametrize("name", PREDICATES)
def test_a_predicate_reads_only_the_facts_that_it_declares(name: str) -> None:
    read: set[str] = set()
    for case, changes, args, _ in CASES:
        if case == name:
            recording = RecordingFacts(facts(**changes))
            PREDICATES[name].test(recording, plan(), **args)
            read |= recording.read
    assert read == set(PREDICATES[name].reads)


def test_declared_facts_exist() -> None:
    fact_names = {part.name for part in fields(Facts)} | {"today"}
    assert all(set(entry.reads) <= fact_names for entry in PREDICATES.values())


def test_the_predicates_use_every_argument_type() -> None:
    assert {kind for p in PREDICATES.values() for kind in p.args.values()} == set(ArgType)


# ── declarations ──


def answer(facts: Facts, plan: Snapshot, limit: int) -> Refusals:
    """Never evaluated."""
    return ()


def without_docstring(facts: Facts, plan: Snapshot) -> Refusals:
    return ()


def with_default(facts: Facts, plan: Snapshot, limit: int = 1) -> Refusals:
    """Never evaluated."""
    return ()


def with_keyword(facts: Facts, plan: Snapshot, *, limit: int) -> Refusals:
    """Never evaluated."""
    return ()


def of_another_type(facts: Facts, plan: Snapshot, limit: float) -> Refusals:
    """Never evaluated."""
    return ()


def without_plan(facts: Facts) -> Refusals:
    """Never evaluated."""
    return ()


def without_answer(facts: Facts, plan: Snapshot) -> bool:
    """Never evaluated."""
    return True


def head_is(facts: Facts, plan: Snapshot) -> Refusals:
    """Its name is taken."""
    return ()


@pytest.mark.parametrize(
    ("function", "declared", "reason"),
    [
        (without_docstring, {}, "no docstring"),
        (with_default, {}, "has a default"),
        (with_keyword, {}, "keyword-only"),
        (of_another_type, {}, "none of the types"),
        (without_plan, {}, "is not declared as"),
        (without_answer, {}, "is not declared as"),
        (head_is, {}, "two predicates"),
        (answer, {"reads": ("shoe_size",)}, "not there: .'shoe_size'"),
        (answer, {"depends_on": ("points",)}, "not there: .'points'"),
    ],
)
def test_a_wrong_declaration_fails_at_import(function: Any, declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        predicate(negated_code="example.no", resolved_by=ResolvedBy.CIRCUMSTANCE, **declared)(function)
    assert function.__name__ not in PREDICATES or PREDICATES[function.__name__].test is not function


def test_a_predicate_depends_on_all_it_reads_except_the_clock_by_default() -> None:
    facts_fresh, plt_confirmed = PREDICATES["facts_fresh"], PREDICATES["plt_confirmed"]
    assert (facts_fresh.reads, facts_fresh.depends_on) == (("now", "facts_as_of"), ("facts_as_of", "minutes"))
    assert (dict(plt_confirmed.args), plt_confirmed.depends_on) == (
        {"opens": ArgType.DATE},
        ("plt_confirmed",),
    )
