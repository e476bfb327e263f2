"""Checks of words: whatever a definition names must exist, and fit where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.authority import AUTHORITIES, FACT_CHANGING_EFFECTS
from workflows.engine.machine import REQUIREMENTS
from workflows.model.definition import Definition, Label, ParamType, Path, entry_trigger
from workflows.model.findings import Finding


def check_unique_ids(definition: Definition) -> Iterator[Finding]:
    """States, parameters, transitions and timers each have a name of their own."""
    places: list[tuple[Path, str]] = [
        *((("params", param.name), param.name) for param in definition.params),
        *((("states", state.name), state.name) for state in definition.states),
        *((("transitions", n, "id"), row.id) for n, row in enumerate(definition.transitions)),
        *((("timers", n, "id"), timer.id) for n, timer in enumerate(definition.timers)),
    ]
    seen: set[tuple[object, str]] = set()
    for path, name in places:
        if (path[0], name) in seen:
            yield Finding("lint.duplicate", path, {"name": name})
        seen.add((path[0], name))


def check_states(definition: Definition) -> Iterator[Finding]:
    """Transitions lead from and to states of this definition, and timers run in such."""
    known = tuple(state.name for state in definition.states)
    named: list[tuple[Path, str]] = []
    for number, row in enumerate(definition.transitions):
        named += [(("transitions", number, "from"), name) for name in row.from_states]
        named.append((("transitions", number, "to"), row.to_state))
    for number, timer in enumerate(definition.timers):
        named += [(("timers", number, "while"), name) for name in timer.states]
    for path, name in named:
        if name not in known:
            yield Finding("lint.unknown_state", path, {"name": name, "known": known})


def check_authorities(definition: Definition) -> Iterator[Finding]:
    """Each `by` is a role with a relation that this role can have."""
    known = tuple(f"{by.role}/{by.relation}" for by in AUTHORITIES)
    for number, row in enumerate(definition.transitions):
        if row.authority not in AUTHORITIES:
            name = f"{row.authority.role}/{row.authority.relation}"
            yield Finding("lint.unknown_actor", ("transitions", number, "by"), {"name": name, "known": known})


def check_requirements(definition: Definition) -> Iterator[Finding]:
    """What a transition requires is something that a command can bring."""
    for number, row in enumerate(definition.transitions):
        for name in row.require:
            if name not in REQUIREMENTS:
                path = ("transitions", number, "require")
                yield Finding("lint.unknown_requirement", path, {"name": name, "known": tuple(REQUIREMENTS)})


def check_param_bounds(definition: Definition) -> Iterator[Finding]:
    """`minimum` and `maximum` belong to whole numbers, `not_before` names another date."""
    dates = tuple(param.name for param in definition.params if param.type is ParamType.DATE)
    for param in definition.params:
        path = ("params", param.name)
        low, high = param.minimum, param.maximum
        if param.type is not ParamType.INT and (low is not None or high is not None):
            yield Finding("lint.bounds_need_int", path, {"name": param.name})
        if low is not None and high is not None and low > high:
            yield Finding("lint.bounds_crossed", path, {"name": param.name})
        others = tuple(name for name in dates if name != param.name)
        if param.not_before is not None and (
            param.type is not ParamType.DATE or param.not_before not in others
        ):
            yield Finding("lint.not_before_needs_date", path, {"name": param.not_before, "known": others})


def check_labels(definition: Definition) -> Iterator[Finding]:
    """Everything that a person sees has a text in Indonesian and in English."""
    labels: list[tuple[Path, Label]] = [(("label",), definition.label)]
    labels += [(("params", param.name, "label"), param.label) for param in definition.params]
    labels += [(("states", state.name, "label"), state.label) for state in definition.states]
    labels += [(("transitions", n, "label"), row.label) for n, row in enumerate(definition.transitions)]
    labels += [(("timers", n, "label"), timer.label) for n, timer in enumerate(definition.timers)]
    for path, label in labels:
        for language, text in (("id", label.id), ("en", label.en)):
            if not text.strip():
                yield Finding("lint.no_label", (*path, language))


def check_automatic_transitions(definition: Definition) -> Iterator[Finding]:
    """`@entered(state)` leads from that state alone, is fired by the system, and asks nobody for anything."""
    for number, row in enumerate(definition.transitions):
        if not row.is_automatic:
            continue
        path = ("transitions", number)
        if len(row.from_states) != 1 or row.trigger != entry_trigger(row.from_states[0]):
            yield Finding("lint.automatic_from", (*path, "from"), {"trigger": row.trigger})
        if row.authority.role != "system" or row.require or row.warn is not None:
            yield Finding("lint.automatic_alone", path, {"id": row.id})
        if FACT_CHANGING_EFFECTS.intersection(effect.name for effect in row.effects):
            yield Finding("lint.automatic_moves", (*path, "effects"), {"id": row.id})


def check_turns(definition: Definition) -> Iterator[Finding]:
    """Only the last rule of a turn has no condition, so that somebody is always named."""
    for state in definition.states:
        open_rules = [rule.when is None for rule in state.turn]
        if open_rules != [False] * (len(open_rules) - 1) + [True]:
            yield Finding("lint.turn_open", ("states", state.name, "turn"), {"name": state.name})
