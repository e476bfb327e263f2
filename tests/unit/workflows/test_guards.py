"""The evaluation of guards: its truth value, refusals and evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.samples import KOSONG, PLT, facts, params, plan
from workflows.engine.guards import evaluate_guard
from workflows.model.definition import AllOf, AnyOf, Call, Guard, Not, ParamRef
from workflows.model.facts import Pass, Refusal

PROFILE = Call("profile_confirmed")
SATMINKAL = Call("at_satminkal")
REVISION = Call("within_revision")
IS_PLT = Call("head_is", (("kind", "plt"),))
POINTS = Call("points_at_least", (("minimum", ParamRef("minimum_points")),))
WINDOW = Call("window_open", (("opens", ParamRef("planning_opens")), ("closes", ParamRef("planning_closes"))))
FAILING_FACTS: dict[str, Any] = {"profile_confirmed": False, "sekolah_induk": None, "points": 0}

TABLE: list[tuple[Guard | None, dict[str, Any], list[str]]] = [
    (None, FAILING_FACTS, []),
    (AllOf((PROFILE, SATMINKAL, POINTS)), {}, []),
    (
        AllOf((PROFILE, SATMINKAL, POINTS)),
        FAILING_FACTS,
        ["profile.not_confirmed", "satminkal.unknown", "points.below_minimum"],
    ),
    (AllOf((PROFILE, SATMINKAL)), {"profile_confirmed": False}, ["profile.not_confirmed"]),
    (AnyOf((PROFILE, SATMINKAL)), {"profile_confirmed": False}, []),
    (AnyOf((PROFILE, SATMINKAL)), FAILING_FACTS, ["profile.not_confirmed", "satminkal.unknown"]),
    (AnyOf((PROFILE, PROFILE)), FAILING_FACTS, ["profile.not_confirmed"]),
    (Not(PROFILE), {}, ["profile.confirmed"]),
    (Not(PROFILE), FAILING_FACTS, []),
    (Not(Not(PROFILE)), FAILING_FACTS, ["profile.not_confirmed"]),
    (Not(AllOf((PROFILE, SATMINKAL))), {}, ["profile.confirmed", "satminkal.same"]),
    (Not(AllOf((PROFILE, SATMINKAL))), {"profile_confirmed": False}, []),
    (Not(AnyOf((PROFILE, SATMINKAL))), {"profile_confirmed": False}, ["satminkal.same"]),
    # unactionable refusals are hidden beside others
    (AnyOf((IS_PLT, PROFILE)), FAILING_FACTS, ["profile.not_confirmed"]),
    (AnyOf((Not(IS_PLT), PROFILE)), FAILING_FACTS | {"head": PLT}, ["profile.not_confirmed"]),
    (AnyOf((IS_PLT, Not(IS_PLT))), {}, []),
    (AnyOf((IS_PLT,)), {}, ["head.is_other"]),
    (AnyOf((REVISION, WINDOW)), {"params": params(planning_closes="2024-01-02")}, ["window.closed"]),
    (REVISION, {}, ["revision.none"]),
]


@pytest.mark.parametrize(("guard", "changes", "codes"), TABLE)
def test_a_guard_returns_every_relevant_refusal(
    guard: Guard | None, changes: dict[str, Any], codes: list[str]
) -> None:
    verdict = evaluate_guard(guard, facts(**changes), plan())
    assert ([] if isinstance(verdict, Pass) else [refusal.code for refusal in verdict]) == codes


def test_a_pass_has_the_facts_and_parameters_as_evidence() -> None:
    verdict = evaluate_guard(
        AllOf((POINTS, WINDOW, Call("tabs_complete"), Not(IS_PLT))), facts(head=KOSONG), plan()
    )
    assert verdict == Pass(
        {
            "points": 40,
            "params.minimum_points": 32,
            "today": date(2024, 1, 15),
            "params.planning_opens": date(2024, 1, 1),
            "params.planning_closes": date(2024, 1, 31),
            "missing_parts": (),
            "head": KOSONG,
        }
    )


def test_only_the_first_alternative_that_holds_is_evidence() -> None:
    assert evaluate_guard(AnyOf((IS_PLT, POINTS)), facts(), plan()) == Pass(
        {"points": 40, "params.minimum_points": 32}
    )


LEAVES = {
    PROFILE: "profile_confirmed",
    SATMINKAL: "sekolah_induk",
    Call("plt_confirmed", (("opens", ParamRef("plt_confirmation_from")),)): "plt_confirmed",
    Call("tabs_complete"): "missing_parts",
}
TREES = st.recursive(
    st.sampled_from(list(LEAVES)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=12,
)


def evaluate(tree: Guard, truth: dict[str, bool]) -> bool:
    match tree:
        case Not(part):
            return not evaluate(part, truth)
        case AllOf(parts):
            return all(evaluate(part, truth) for part in parts)
        case AnyOf(parts):
            return any(evaluate(part, truth) for part in parts)
        case Call():
            return truth[LEAVES[tree]]


@given(TREES, st.fixed_dictionaries({name: st.booleans() for name in LEAVES.values()}))
def test_a_guard_follows_logic_and_always_gives_a_reason(tree: Guard, truth: dict[str, bool]) -> None:
    plan_facts = facts(
        profile_confirmed=truth["profile_confirmed"],
        sekolah_induk=plan().npsn if truth["sekolah_induk"] else None,
        plt_confirmed=truth["plt_confirmed"],
        missing_parts=() if truth["missing_parts"] else (Refusal("tab.missing"),),
    )
    for wanted in (True, False):
        verdict = evaluate_guard(tree, plan_facts, plan(), wanted)
        assert isinstance(verdict, Pass) is (evaluate(tree, truth) is wanted)
        assert verdict != ()
