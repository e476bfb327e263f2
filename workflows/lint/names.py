"""Checks of names: everything that a definition names exists, and fits its place. The engine relies on them."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import changes_facts
from workflows.engine.machine import REQUIREMENTS
from workflows.model.definition import Definition, ParamType, Path, Phase, entry_trigger
from workflows.model.findings import Finding


def check_unique_ids(definition: Definition) -> Iterator[Finding]:
    """Check that states, parameters, transitions and timers have unique names."""
    names: list[tuple[Path, str]] = [
        *((("params", param.name), param.name) for param in definition.params),
        *((("states", state.name), state.name) for state in definition.states),
        *(
            (("transitions", number, "id"), transition.id)
            for number, transition in enumerate(definition.transitions)
        ),
        *((("timers", number, "id"), timer.id) for number, timer in enumerate(definition.timers)),
    ]
    unique_names: set[tuple[object, str]] = set()
    for path, name in names:
        if (path[0], name) in unique_names:
            yield Finding("lint.duplicate", path, {"name": name})
        unique_names.add((path[0], name))


def check_states(definition: Definition) -> Iterator[Finding]:
    """Check that transitions and timers name states of this definition."""
    state_names = tuple(state.name for state in definition.states)
    references: list[tuple[Path, str]] = []
    for number, transition in enumerate(definition.transitions):
        references += [(("transitions", number, "from"), name) for name in transition.from_states]
        references.append((("transitions", number, "to"), transition.to_state))
    for number, timer in enumerate(definition.timers):
        references += [(("timers", number, "while"), name) for name in timer.states]
    for path, name in references:
        if name not in state_names:
            yield Finding("lint.unknown_state", path, {"name": name, "known": state_names})


def check_authorities(definition: Definition) -> Iterator[Finding]:
    """Check that each `by` is a role with a relation that this role can have."""
    authority_names = tuple(f"{authority.role}/{authority.relation}" for authority in AUTHORITIES)
    for number, transition in enumerate(definition.transitions):
        authority = transition.authority
        if authority not in AUTHORITIES:
            names = {"name": f"{authority.role}/{authority.relation}", "known": authority_names}
            yield Finding("lint.unknown_actor", ("transitions", number, "by"), names)


def check_requirements(definition: Definition) -> Iterator[Finding]:
    """Check that a command can give what a transition requires."""
    for number, transition in enumerate(definition.transitions):
        for name in transition.require:
            if name not in REQUIREMENTS:
                names = {"name": name, "known": tuple(REQUIREMENTS)}
                yield Finding("lint.unknown_requirement", ("transitions", number, "require"), names)


def check_param_bounds(definition: Definition) -> Iterator[Finding]:
    """Check that only whole numbers have bounds, and that `not_before` relates two dates."""
    dates = tuple(param.name for param in definition.params if param.type is ParamType.DATE)
    for param in definition.params:
        path: Path = ("params", param.name)
        low, high = param.minimum, param.maximum
        if param.type is not ParamType.INT and (low is not None or high is not None):
            yield Finding("lint.bounds_need_int", path, {"name": param.name})
        if low is not None and high is not None and low > high:
            yield Finding("lint.bounds_crossed", path, {"name": param.name})
        other_dates = tuple(name for name in dates if name != param.name)
        is_date = param.type is ParamType.DATE
        if param.not_before is not None and not (is_date and param.not_before in other_dates):
            yield Finding(
                "lint.not_before_needs_date", path, {"name": param.not_before, "known": other_dates}
            )


def check_automatic_transitions(definition: Definition) -> Iterator[Finding]:
    """Check that `@entered(state)` leads from that state alone, is fired by the system, and needs no input."""
    for number, transition in enumerate(definition.transitions):
        if not transition.is_automatic:
            continue
        path: Path = ("transitions", number)
        states = transition.from_states
        if len(states) != 1 or transition.trigger != entry_trigger(states[0]):
            yield Finding("lint.automatic_from", (*path, "from"), {"trigger": transition.trigger})
        if transition.authority.role != "system" or transition.require or transition.warn is not None:
            yield Finding("lint.automatic_alone", path, {"id": transition.id})
        if changes_facts(transition.effects):
            yield Finding("lint.automatic_moves", (*path, "effects"), {"id": transition.id})


def check_turns(definition: Definition) -> Iterator[Finding]:
    """Check that the last turn rule of a state, and no other, has no condition."""
    for state in definition.states:
        *conditions, last = (rule.when for rule in state.turn)
        if last is not None or None in conditions:
            yield Finding("lint.turn_open", ("states", state.name, "turn"), {"name": state.name})


def check_initial_state(definition: Definition) -> Iterator[Finding]:
    """Check that exactly one state is initial, in the phase `draft`."""
    initial = [state for state in definition.states if state.initial]
    if len(initial) != 1:
        names = tuple(state.name for state in initial)
        yield Finding("lint.initial_count", ("states",), {"count": len(initial), "names": names or "-"})
    for state in initial:
        if state.phase is not Phase.DRAFT:
            yield Finding("lint.initial_phase", ("states", state.name, "phase"), {"name": state.name})


def check_final_states(definition: Definition) -> Iterator[Finding]:
    """Check that a state in implementation is final, no draft is, and only exceptional transitions leave one."""
    final = [state for state in definition.states if state.final]
    if all(state.phase is not Phase.IN_IMPLEMENTATION for state in final):
        yield Finding("lint.no_final", ("states",))
    for state in final:
        if state.phase is Phase.DRAFT:
            yield Finding("lint.final_draft", ("states", state.name), {"name": state.name})
    names = {state.name for state in final}
    for number, transition in enumerate(definition.transitions):
        if not transition.exceptional and names & set(transition.from_states) - {transition.to_state}:
            yield Finding("lint.final_left", ("transitions", number), {"id": transition.id})
