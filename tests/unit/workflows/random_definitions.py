"""Random definitions: a small valid one with up to four changes, so that many stay valid and many do not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from workflows.files.loader import build_definition
from workflows.files.reader import Document
from workflows.model.definition import Definition

LABEL = {"id": "Uji", "en": "Test"}
OWNER, HEAD = {"role": "teacher", "relation": "owner"}, {"role": "superior", "relation": "head_of_school"}
SYSTEM, ADMIN, DINAS = {"role": "system"}, {"role": "admin"}, {"role": "dinas"}
PHASES = ("draft", "submitted", "approved", "auto_approved", "in_implementation")
PARAMS: dict[str, dict[str, Any]] = {
    "switch": {"type": "bool", "default": False},
    "other": {"type": "bool", "default": True},
    "opens": {"type": "date"},
    "closes": {"type": "date", "not_before": "opens"},
    "minutes": {"type": "int", "minimum": 0, "default": 60},
    "points": {"type": "int", "minimum": 0, "maximum": 64, "default": 32},
}
CONTRACT = {
    "submitPlan": {"trigger": "submit", "requires": ["profile_confirmed", "tabs_complete"]},
    "approvePlan": {"trigger": "approve"}, "returnPlan": {"trigger": "return"},
    "beginImplementation": {"trigger": "begin"}, "reopenPlan": {"trigger": "reopen"},
    "movePlan": {"trigger": "move", "requires": ["may_move"]},
    "window": {"opens": "opens", "closes": "closes"},
    "plt": {"banner_from": "opens", "confirmation_from": "opens"},
    "facts_max_age_minutes": "minutes", "minimum_points": "points",
}  # fmt: skip

ATOMS = st.sampled_from(
    [
        "profile_confirmed", "tabs_complete", "may_plan", "may_move", "head_is_owner", "choices_offered",
        "at_satminkal", "within_revision",
        {"window_open": {"opens": {"param": "opens"}, "closes": {"param": "closes"}}},
        {"facts_fresh": {"minutes": 60}},
        {"head_is": {"kind": "definitif"}}, {"head_is": {"kind": "plt"}}, {"head_is": {"kind": "kosong"}},
        {"param_on": {"value": {"param": "switch"}}}, {"param_on": {"value": {"param": "other"}}},
        {"points_at_least": {"minimum": {"param": "points"}}}, {"points_at_least": {"minimum": 20}},
        {"plt_confirmed": {"opens": {"param": "opens"}}},
    ]
)  # fmt: skip
GUARDS: st.SearchStrategy[Any] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=4,
)


def build_transition(
    name: str, trigger: str, source: str, to: str, by: dict[str, str], **more: Any
) -> dict[str, Any]:
    return {"id": name, "trigger": trigger, "from": source, "to": to, "by": by, "label": LABEL, **more}


def sound_document() -> dict[str, Any]:
    """A valid definition: five states, automatic approval under a Plt, a way back."""
    turn = {"submitted": [{"who": "dinas", "when": "head_is_owner"}, {"who": "head"}]}
    states: dict[str, dict[str, Any]] = {
        phase: {"label": LABEL, "phase": phase, "turn": turn.get(phase, "owner")} for phase in PHASES
    }
    states["draft"]["initial"] = states["in_implementation"]["final"] = True
    plt = {"all": [{"head_is": {"kind": "plt"}}, {"not": "head_is_owner"}]}
    fresh = {"facts_fresh": {"minutes": {"param": "minutes"}}}
    window = {"window_open": {"opens": {"param": "opens"}, "closes": {"param": "closes"}}}
    in_time = {"any": [window, "within_revision"]}
    submit_guard = {"all": ["profile_confirmed", "tabs_complete", "at_satminkal", in_time, fresh]}
    warn = {"points_at_least": {"minimum": {"param": "points"}}}
    revision = {"open_revision": {"days": 7}}
    own = {"all": ["head_is_owner", fresh]}
    begin_guard = {"any": [{"not": plt}, {"plt_confirmed": {"opens": {"param": "opens"}}}]}
    move = {"when": {"all": ["may_move", fresh]}, "require": ["reason"], "effects": ["move_to_sekolah_induk"]}
    return {
        "format": 1, "workflow": "uji", "label": LABEL, "contract": CONTRACT, "states": states,
        "start": {"when": window},
        "params": {name: {"label": LABEL, **param} for name, param in PARAMS.items()},
        "transitions": [
            build_transition("submit", "submit", "draft", "submitted", OWNER, when=submit_guard, warn=warn,
                             effects=["remember_submission"]),
            build_transition("auto", "@entered(submitted)", "submitted", "auto_approved", SYSTEM, when=plt),
            build_transition("approve", "approve", "submitted", "approved", HEAD, when=fresh),
            build_transition("return", "return", "submitted", "draft", HEAD, when=fresh, require=["reason"],
                             effects=[revision]),
            build_transition("approve_own", "approve", "submitted", "approved", DINAS, when=own),
            build_transition("approve_auto", "approve", "auto_approved", "approved", DINAS, when=own),
            build_transition("return_own", "return", "submitted", "draft", DINAS, when=own, require=["reason"],
                             effects=[revision]),
            build_transition("begin", "begin", "approved", "in_implementation", OWNER),
            build_transition("begin_auto", "begin", "auto_approved", "in_implementation", OWNER, when=begin_guard),
            *(build_transition(f"reopen_{phase}", "reopen", phase, "draft", ADMIN, require=["reason"],
                               effects=[revision, "remember_reopening"], exceptional=True)
              for phase in PHASES[2:]),
            *(build_transition(f"move_{phase}", "move", phase, phase, ADMIN, exceptional=True, **move)
              for phase in PHASES[:4]),
        ],
    }  # fmt: skip


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """The valid definition after none to four changes."""
    data = sound_document()
    for number in range(draw(st.integers(0, 4))):
        draw(st.sampled_from(CHANGES))(draw, data, number)
    return build_definition(Document(data, {}))


def replace_guard(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    draw(st.sampled_from(data["transitions"]))["when"] = draw(GUARDS)


def tighten_guard(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    transition = draw(st.sampled_from(data["transitions"]))
    transition["when"] = {"all": [part for part in (transition.get("when"), draw(ATOMS)) if part]}


def loosen_guard(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    transition = draw(st.sampled_from(data["transitions"]))
    if "when" in transition:
        transition["when"] = {"any": [transition["when"], draw(GUARDS)]}


def split_transition(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    """Split a transition into two that exclude each other, the second perhaps with another target."""
    transition, condition = draw(st.sampled_from(data["transitions"])), draw(GUARDS)
    conditions = [transition["when"]] if "when" in transition else []
    target = draw(st.sampled_from([transition["to"], *data["states"]]))
    second = transition | {
        "id": f"split_{number}",
        "to": target,
        "when": {"all": [*conditions, {"not": condition}]},
    }
    transition["when"] = {"all": [*conditions, condition]}
    data["transitions"].append(second)


def add_detour(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    """Put a new state, in the phase of the source or the target, between the ends of a transition."""
    transition = draw(st.sampled_from(data["transitions"]))
    name, by = f"extra_{number}", draw(st.sampled_from([OWNER, HEAD, SYSTEM, ADMIN]))
    phase = data["states"][draw(st.sampled_from([transition["from"], transition["to"]]))]["phase"]
    data["states"][name] = {
        "label": LABEL,
        "phase": phase,
        "turn": draw(st.sampled_from(["dinas", "owner", "head"])),
    }
    trigger = f"@entered({name})" if by is SYSTEM else draw(st.sampled_from(["go", "approve"]))
    more = {"when": draw(GUARDS)} if draw(st.booleans()) else {}
    data["transitions"].append(
        build_transition(f"onward_{number}", trigger, name, transition["to"], by, **more)
    )
    transition["to"] = name


def add_transition(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    names = list(data["states"])
    source, to = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    by = draw(st.sampled_from([OWNER, HEAD, SYSTEM, ADMIN]))
    trigger = f"@entered({source})" if by is SYSTEM else draw(st.sampled_from(["go", "approve", "begin"]))
    more = {"when": draw(GUARDS)} if draw(st.booleans()) else {}
    data["transitions"].append(build_transition(f"more_{number}", trigger, source, to, by, **more))


def remove_transition(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    data["transitions"].remove(draw(st.sampled_from(data["transitions"])))


def replace_turn(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    name = draw(st.sampled_from(list(data["states"])))
    first = {"who": draw(st.sampled_from(["dinas", "owner", "head"])), "when": draw(GUARDS)}
    data["states"][name]["turn"] = [first, {"who": draw(st.sampled_from(["dinas", "owner", "head"]))}]


def add_timer(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    """Add a timer, whose trigger may have no transition."""
    when: dict[str, Any] = draw(st.sampled_from([
        {"after": {"days": 3}}, {"at": {"param": "closes"}},
        {"at": {"param": "opens", "days": -1}},
    ]))  # fmt: skip
    does = draw(st.sampled_from([{"remind": {"who": "head"}}, {"fire": {"trigger": "expire"}}]))
    states = draw(st.lists(st.sampled_from(list(data["states"])), min_size=1, max_size=2, unique=True))
    more: dict[str, Any] = draw(st.sampled_from([{}, {"hour": 0}, {"repeat": {"days": 2, "max": 5}}]))
    timer = {"id": f"timer_{number}", "label": LABEL, "while": states, "do": does, **when, **more}
    data.setdefault("timers", []).append(timer)


def add_timer_transition(draw: st.DrawFn, data: dict[str, Any], number: int) -> None:
    """Add a transition that only a timer may fire, perhaps with its timer."""
    source, to = draw(st.sampled_from(list(data["states"]))), draw(st.sampled_from(list(data["states"])))
    data["transitions"].append(build_transition(f"expire_{number}", "expire", source, to, SYSTEM))
    if draw(st.booleans()):
        timer = {"id": f"expire_{number}", "label": LABEL, "while": source, "after": {"days": 3}}
        data.setdefault("timers", []).append({**timer, "do": {"fire": {"trigger": "expire"}}})


CHANGES = [
    replace_guard,
    tighten_guard,
    tighten_guard,
    loosen_guard,
    split_transition,
    add_detour,
    add_detour,
    add_transition,
    remove_transition,
    replace_turn,
    add_timer,
    add_timer_transition,
]
