"""Mistakes in the shipped definition: the change, the code of its finding and the place."""

from __future__ import annotations

from typing import Any

from tests.unit.workflows.samples import REMOVE, shipped_document

ROWS: list[dict[str, Any]] = shipped_document()["transitions"]
SELF_STATE = {"label": {"id": "A", "en": "A"}, "phase": "submitted", "turn": "owner"}


def row(number: int, **changes: Any) -> dict[str, Any]:
    return ROWS[number] | changes


def automatic(number: int, source: str, to: str) -> dict[str, Any]:
    return row(1, id=f"auto_{number}", trigger=f"@entered({source})", **{"from": source}, to=to)


WHEN = "transitions.0.when"
WHEN_PLACE, WARN_PLACE = "transitions[0].when", "transitions[0].warn"
TURN, OPENS = "states.auto_approved.turn", "params.planning_opens"
OWNER = {"role": "teacher", "relation": "owner"}
LOOP = automatic(6, "auto_approved", "submitted")
HEAD_OF_SCHOOL = {"role": "superior", "relation": "head_of_school"}
BY_ADMIN = {"role": "admin"}
DAYS = "transitions[3].effects[0].open_revision.days"
CONTRADICTION = "lint.contradiction"
NEVER = {"all": ["may_plan", {"not": "may_plan"}]}
PLT_CONFIRMED = {"plt_confirmed": {"opens": {"param": "plt_confirmation_from"}}}
FEW_POINTS = {"not": {"points_at_least": {"minimum": 32}}}
DEFAULTS: list[tuple[str, object]] = [
    (f"{OPENS}.default", "2024-02-02"),
    ("params.planning_closes.default", "2024-02-01"),
]
REPEAT, SUPERIOR = "timers.0.repeat", "timers.0"
CLOSING_DATE = "timers[2].at"
EXPIRES = row(2, id="expire", trigger="expire", by={"role": "system"})
FIRES: tuple[str, object] = ("timers.1.do", {"fire": {"trigger": "expire"}})
FIRE_TRIGGER = "timers[1].do.fire.trigger"
SECOND_REOPEN = row(6, id="reopen_again", by=HEAD_OF_SCHOOL, effects=[])
WITHDRAW = row(4, id="withdraw", trigger="withdraw", **{"from": "submitted"}, to="draft")
UNDO = row(
    4, id="undo", trigger="undo", to="draft", effects=[{"open_revision": {"days": 7}}], exceptional=True
)
WINDOW = {"window_open": {"opens": {"param": "planning_opens"}, "closes": {"param": "planning_closes"}}}
MISTAKES: list[tuple[list[tuple[str, object]], str, str]] = [
    ([("transitions.0.to", "nirvana")], "lint.unknown_state", "transitions[0].to"),
    ([("transitions.0.from", ["draft", "limbo"])], "lint.unknown_state", "transitions[0].from"),
    ([("transitions.1.trigger", "@entered(limbo)")], "lint.automatic_from", "transitions[1].from"),
    ([("transitions.0.by.role", "dukun")], "lint.unknown_actor", "transitions[0].by"),
    ([("transitions.0.by.relation", "head_of_school")], "lint.unknown_actor", "transitions[0].by"),
    ([("transitions.0.by.relation", REMOVE)], "lint.unknown_actor", "transitions[0].by"),
    ([(WHEN, "moon_is_full")], "lint.unknown_predicate", WHEN_PLACE),
    ([("transitions.0.warn", {"not": "moon"})], "lint.unknown_predicate", "transitions[0].warn.not"),
    ([("start.when.all.0", "moon")], "lint.unknown_predicate", "start.when.all[0]"),
    ([(f"{TURN}.0.when", "moon")], "lint.unknown_predicate", f"{TURN}[0].when"),
    ([(WHEN, "head_is")], "lint.wrong_arguments", WHEN_PLACE),
    ([(WHEN, {"tabs_complete": {"x": 1}})], "lint.wrong_arguments", WHEN_PLACE),
    ([(WHEN, {"head_is": {"kind": "raja"}})], "lint.wrong_head", f"{WHEN_PLACE}.head_is.kind"),
    ([(WHEN, {"head_is": {"kind": True}})], "lint.wrong_head", f"{WHEN_PLACE}.head_is.kind"),
    ([(WHEN, {"param_on": {"value": 1}})], "lint.wrong_bool", f"{WHEN_PLACE}.param_on.value"),
    ([(WHEN, {"points_at_least": {"minimum": True}})], "lint.wrong_int", f"{WHEN_PLACE}.points_at_least.minimum"),
    ([(WHEN, {"plt_confirmed": {"opens": "2024-02-16"}})], "lint.wrong_date", f"{WHEN_PLACE}.plt_confirmed.opens"),
    (
        [(WHEN, {"param_on": {"value": {"param": "minimum_points"}}})],
        "lint.wrong_param_type",
        f"{WHEN_PLACE}.param_on.value",
    ),
    (
        [(WHEN, {"all": ["at_satminkal", {"param_on": {"value": {"param": "moon"}}}]})],
        "lint.unknown_param",
        f"{WHEN_PLACE}.all[1].param_on.value",
    ),
    ([("params.minimum_points", REMOVE)], "lint.unknown_param", f"{WARN_PLACE}.points_at_least.minimum"),
    ([("transitions.0.effects", ["send_money"])], "lint.unknown_effect", "transitions[0].effects[0]"),
    ([("transitions.3.effects", ["open_revision"])], "lint.wrong_arguments", "transitions[3].effects[0]"),
    ([("transitions.3.require", ["signature"])], "lint.unknown_requirement", "transitions[3].require"),
    ([("transitions.5.id", "submit")], "lint.duplicate", "transitions[5].id"),
    ([("states.draft.initial", REMOVE)], "lint.initial_count", "states"),
    ([("states.approved.initial", True)], "lint.initial_count", "states"),
    ([("states.draft.phase", "submitted")], "lint.initial_phase", "states.draft.phase"),
    ([(f"transitions.{number}", REMOVE) for number in (12, 11, 2)], "lint.unreachable", "states.approved"),
    ([("states.lost", SELF_STATE)], "lint.unreachable", "states.lost"),
    ([("transitions.4", REMOVE)], "lint.dead_end", "states.approved"),
    ([("transitions.4.to", "approved")], "lint.dead_end", "states.approved"),
    ([("states.in_implementation.final", False)], "lint.no_final", "states"),
    ([("transitions.4.exceptional", True)], "lint.dead_end", "states.approved"),
    ([(f"transitions.{n}.to", "submitted") for n in (4, 5)], "lint.no_way_to_final", "states.draft"),
    ([("transitions.6", LOOP)], "lint.automatic_loop", "transitions[1]"),
    ([("transitions.6", automatic(6, "approved", "approved"))], "lint.automatic_loop", "transitions[6]"),
    ([("transitions.6", row(2, id="again"))], "lint.ambiguous", "transitions[6]"),
    ([("transitions.6", row(2, id="again", to="draft"))], "lint.ambiguous", "transitions[6]"),
    ([("transitions.1.by", OWNER)], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.1.require", ["reason"])], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.1.warn", "tabs_complete")], "lint.automatic_alone", "transitions[1]"),
    ([("transitions.0.by", BY_ADMIN)], "lint.draft_exit", "states.draft"),
    ([("transitions.0.exceptional", True)], "lint.dead_end", "states.draft"),
    ([("states.submitted.phase", "draft")], "lint.draft_exit", "states.submitted"),
    ([("states.draft.final", True)], "lint.final_draft", "states.draft"),
    ([("transitions.6.exceptional", False)], "lint.final_left", "transitions[6]"),
    ([(f"{TURN}.2", REMOVE)], "lint.turn_open", TURN),
    ([("states.draft.turn", [{"who": "owner"}, {"who": "head"}])], "lint.turn_open", "states.draft.turn"),
    ([(f"{OPENS}.minimum", 1)], "lint.bounds_need_int", OPENS),
    ([("params.minimum_points.maximum", -1)], "lint.bounds_crossed", "params.minimum_points"),
    ([(f"{OPENS}.not_before", "minimum_points")], "lint.not_before_needs_date", OPENS),
    ([(f"{OPENS}.not_before", "planning_opens")], "lint.not_before_needs_date", OPENS),
    ([("params.revision_days.not_before", "x")], "lint.not_before_needs_date", "params.revision_days"),
    ([("params.revision_days.maximum", REMOVE)], "lint.out_of_limits", DAYS),
    ([("transitions.3.effects.0", {"open_revision": {"days": 0}})], "lint.out_of_limits", DAYS),
    ([("params.planning_closes.not_before", REMOVE)], "lint.window_order", "start.when.all[1]"),
    (DEFAULTS, "value.too_early", "params.planning_closes.default"),
    ([("transitions.1.effects", ["move_to_sekolah_induk"])], "lint.automatic_moves", "transitions[1].effects"),
    ([("transitions.2.when", {"head_is": {"kind": "kosong"}})], CONTRADICTION, "transitions[2].when"),
    ([("start.when", NEVER)], CONTRADICTION, "start.when"),
    ([("transitions.0.when.all.5.any.1", NEVER)], CONTRADICTION, f"{WHEN_PLACE}.all[5].any[1]"),
    ([("transitions.0.warn", {"all": ["within_revision", {"not": "within_revision"}]})], CONTRADICTION, WARN_PLACE),
    ([("transitions.0.warn", {"not": {"points_at_least": {"minimum": 0}}})], CONTRADICTION, WARN_PLACE),
    ([(f"{TURN}.1.when", "head_is_owner"), (f"{TURN}.0.when", "head_is_owner")], CONTRADICTION, f"{TURN}[1].when"),
    ([("transitions.14", SECOND_REOPEN)], "lint.ambiguous", "transitions[14]"),
    ([("transitions.7.when", "at_satminkal")], "lint.effect_unguarded", "transitions[7].effects[0]"),
    ([("transitions.0.to", "approved")], "lint.undecided", "transitions[0]"),
    ([("transitions.2.by", OWNER)], "lint.wrong_role", "transitions[2]"),
    ([("transitions.2.to", "auto_approved")], "lint.wrong_role", "transitions[2]"),
    ([("transitions.2.by", BY_ADMIN), ("transitions.2.exceptional", True)], "lint.wrong_role", "transitions[2]"),
    ([("transitions.3.to", "in_implementation")], "lint.undecided", "transitions[3]"),
    ([("transitions.2.when", {"head_is": {"kind": "plt"}})], "lint.stuck_definitif", "states.submitted"),
    # stuck under a Plt
    ([("transitions.1.when.all.0", {"param_on": {"value": {"param": "approve_automatically"}}}),
      ("transitions.2.when", {"head_is": {"kind": "definitif"}})], "lint.stuck_plt", "states.submitted"),
    ([("transitions.5.when.all.0", PLT_CONFIRMED)], "lint.stuck_definitif", "states.auto_approved"),
    ([("transitions.4.when", "within_revision")], "lint.stuck_definitif", "states.approved"),
    ([("transitions.4.when", FEW_POINTS)], "lint.stuck_definitif", "states.approved"),
    ([("transitions.0.when.all.5", "within_revision")], "lint.draft_exit", "states.draft"),
    ([("transitions.0.when.all.5", {"not": {"head_is": {"kind": "kosong"}}})], "lint.draft_exit", "states.draft"),
    # back in draft after the window, or waiting for a window that is over
    ([("transitions.14", WITHDRAW)], "lint.stuck_late", "states.draft"),
    ([("transitions.3.effects", REMOVE)], "lint.stuck_late", "states.draft"),
    ([("transitions.6.effects", REMOVE)], "lint.stuck_late", "states.draft"),
    ([("transitions.2.when", WINDOW)], "lint.stuck_late", "states.submitted"),
    ([("transitions.4.when", WINDOW)], "lint.stuck_late", "states.approved"),
    ([("start", REMOVE)], "lint.stuck_late", "states.draft"),
    ([("timers.0.id", "escalate")], "lint.duplicate", "timers[1].id"),
    ([("timers.0.while", ["draft", "limbo"])], "lint.unknown_state", "timers[0].while"),
    ([("timers.0.after.days", {"param": "moon"})], "lint.unknown_param", "timers[0].after.days"),
    ([("timers.0.after.days", {"param": "planning_opens"})], "lint.wrong_param_type", "timers[0].after.days"),
    ([("timers.0.after.days", {"param": "minimum_points"})], "lint.out_of_limits", "timers[0].after.days"),
    ([("timers.0.after.days", 0)], "lint.out_of_limits", "timers[0].after.days"),
    ([("timers.0.after.days", 367)], "lint.out_of_limits", "timers[0].after.days"),
    ([("timers.0.hour", 24)], "lint.out_of_limits", "timers[0].hour"),
    ([(f"{REPEAT}.max", 0)], "lint.out_of_limits", "timers[0].repeat.max"),
    ([(f"{REPEAT}.days", 0)], "lint.out_of_limits", "timers[0].repeat.days"),
    ([("timers.2.at.param", "revision_days")], "lint.wrong_param_type", f"{CLOSING_DATE}.param"),
    ([("timers.2.at.days", -367)], "lint.out_of_limits", f"{CLOSING_DATE}.days"),
    ([("timers.2.at.param", "planning_opens")], "lint.timer_passed", CLOSING_DATE),
    ([("transitions.1.when", REMOVE)], "lint.timer_unwaited", "timers[0].while"),
    ([FIRES], "lint.timer_no_transition", FIRE_TRIGGER),
    ([("timers.1.do", {"fire": {"trigger": "approve"}})], "lint.timer_no_transition", FIRE_TRIGGER),
    ([FIRES, ("transitions.14", EXPIRES | {"to": "submitted"})], "lint.timer_no_transition", FIRE_TRIGGER),
    ([FIRES, ("transitions.14", EXPIRES | {"require": ["reason"]})], "lint.timer_no_transition", FIRE_TRIGGER),
    ([FIRES, ("transitions.14", EXPIRES | {"warn": "tabs_complete"})], "lint.timer_no_transition", FIRE_TRIGGER),
    ([FIRES, ("transitions.14", EXPIRES | {"when": "may_move", "effects": ["move_to_sekolah_induk"]})],
     "lint.timer_no_transition", FIRE_TRIGGER),
    ([("transitions.14", EXPIRES)], "lint.never_fired", "transitions[14]"),
    ([("contract.approvePlan.requires", "moon")], "lint.unknown_predicate", "contract.approvePlan.requires"),
    ([("contract.approvePlan.requires", "head_is")], "lint.wrong_arguments", "contract.approvePlan.requires"),
    ([("contract.window.opens", "moon")], "lint.unknown_param", "contract.window.opens"),
    ([("contract.window.opens", "revision_days")], "lint.wrong_param_type", "contract.window.opens"),
    ([("contract.submitPlan.trigger", "ajukan")], "lint.contract_trigger", "contract.submitPlan.trigger"),
    ([("transitions.6.from", ["approved", "auto_approved"])], "lint.contract_phase", "contract.reopenPlan.trigger"),
    ([("contract.submitPlan.requires", "profile_confirmed")], "lint.contract_requires", "contract.submitPlan"),
    ([("transitions.6.by", HEAD_OF_SCHOOL)], "lint.contract_role", "transitions[6].by"),
    ([("transitions.3.trigger", "approve")], "lint.contract_way", "transitions[3]"),
    ([("transitions.0.require", ["reason"])], "lint.contract_input", "transitions[0]"),
    ([("transitions.3.effects", REMOVE)], "lint.contract_effect", "transitions[3]"),
    ([("transitions.0.when.all.2", REMOVE)], "lint.contract_guard", WHEN_PLACE),
    ([("start.when.all.1", REMOVE)], "lint.contract_start", "contract.window"),
    ([("contract.window.closes", "plt_banner_from")], "lint.contract_start", "contract.window"),
    ([("transitions.0.warn", REMOVE)], "lint.contract_unread", "contract.minimum_points"),
    ([("contract.minimum_points", REMOVE)], "lint.contract_differs", f"{WARN_PLACE}.points_at_least.minimum"),
    ([("contract.plt.confirmation_from", "plt_banner_from")], "lint.contract_differs",
     "transitions[5].when.all[0].any[1].all[1].plt_confirmed.opens"),
    ([("states.submitted.turn", "owner")], "lint.turn_vacant", "states.submitted"),
    ([("states.submitted.turn", "head")], "lint.turn_own_plan", "states.submitted"),
    ([("transitions.11", REMOVE)], "lint.stuck_own_plan", "states.submitted"),
    ([("transitions.12", REMOVE)], "lint.stuck_own_plan", "states.auto_approved"),
    ([("transitions.13", REMOVE)], "lint.contract_nobody", "contract.returnPlan.trigger"),
    ([("transitions.1.when.all.0.any.0", {"head_is": {"kind": "plt"}})], "lint.own_decision", "transitions[1]"),
    ([("transitions.5.when.all.0.any.1", PLT_CONFIRMED)], "lint.own_decision", "transitions[5]"),
    ([("transitions.14", UNDO)], "lint.own_decision", "transitions[14]"),
]  # fmt: skip
