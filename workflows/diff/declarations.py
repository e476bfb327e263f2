"""Changes of states, parameters and timers."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import Change, canonical_text, compare_labels, describe_argument
from workflows.model.definition import (
    AfterEntry,
    Definition,
    Param,
    ParamRef,
    Path,
    Remind,
    State,
    Timer,
    format_guard,
)
from workflows.model.messages import Phrase


def compare_states(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield the states that were added, removed or changed."""
    before, after = ({state.name: state for state in version.states} for version in (old, new))
    for name, state in before.items():
        if name not in after:
            params = {"name": name, "label": state.label}
            yield Change("diff.state_removed", ("states", name), params, is_breaking=True)
    for name, state in after.items():
        if name in before:
            yield from _compare_state(before[name], state)
        else:
            params = {"name": name, "label": state.label, "phase": state.phase}
            yield Change("diff.state_added", ("states", name), params)


def _compare_state(old: State, new: State) -> Iterator[Change]:
    path: Path = ("states", new.name)
    name = {"name": new.name}
    yield from compare_labels(path, new.name, old.label, new.label)
    if old.phase is not new.phase:
        params = {**name, "old": old.phase, "new": new.phase}
        yield Change("diff.state_phase", (*path, "phase"), params, is_breaking=True)
    if old.initial is not new.initial:
        yield Change("diff.state_initial" if new.initial else "diff.state_not_initial", path, name)
    if old.final is not new.final:
        code = "diff.state_final" if new.final else "diff.state_not_final"
        yield Change(code, path, name, is_breaking=not new.final)
    rules = [[(rule.turn, canonical_text(rule.when)) for rule in state.turn] for state in (old, new)]
    if rules[0] != rules[1]:
        params = {**name, "old": _format_turn(old), "new": _format_turn(new)}
        yield Change("diff.state_turn", (*path, "turn"), params)


def _format_turn(state: State) -> str:
    return ", ".join(
        rule.turn if rule.when is None else f"{rule.turn} ({format_guard(rule.when)})" for rule in state.turn
    )


def compare_params(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield the parameters that were added, removed or changed."""
    before, after = ({param.name: param for param in version.params} for version in (old, new))
    for name, param in before.items():
        if name not in after:
            yield Change("diff.param_removed", ("params", name), {"name": name, "label": param.label})
    for name, param in after.items():
        if name in before:
            yield from _compare_param(before[name], param)
        elif param.default is None:
            params = {"name": name, "label": param.label}
            yield Change("diff.param_required", ("params", name), params, is_breaking=True)
        else:
            params = {"name": name, "label": param.label, "default": param.default}
            yield Change("diff.param_added", ("params", name), params)


def _compare_param(old: Param, new: Param) -> Iterator[Change]:
    path: Path = ("params", new.name)
    name = {"name": new.name}
    yield from compare_labels(path, new.name, old.label, new.label)
    if old.type is not new.type:
        params = {**name, "old": old.type, "new": new.type}
        yield Change("diff.param_type", (*path, "type"), params, is_breaking=True)
    if (type(old.default), old.default) != (type(new.default), new.default):
        is_required = new.default is None
        code = "diff.param_default_gone" if is_required else "diff.param_default"
        default = {**name, "old": "–" if old.default is None else old.default, "new": new.default}
        yield Change(code, (*path, "default"), default, is_required)
    bounds = [(param.minimum, param.maximum, param.not_before) for param in (old, new)]
    if bounds[0] != bounds[1]:
        is_tighter = _is_tighter(old, new)
        code = "diff.param_tighter" if is_tighter else "diff.param_looser"
        yield Change(code, path, {**name, "old": _format_bounds(old), "new": _format_bounds(new)}, is_tighter)


def _is_tighter(old: Param, new: Param) -> bool:
    """Return whether the new bounds may refuse a value that the old ones accept."""
    higher = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    lower = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return higher or lower or (new.not_before is not None and new.not_before != old.not_before)


def _format_bounds(param: Param) -> str:
    low = "−∞" if param.minimum is None else param.minimum
    high = "∞" if param.maximum is None else param.maximum
    return f"{low} … {high}" if param.not_before is None else f"≥ {param.not_before}"


def compare_timers(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield the timers that were added, removed or changed."""
    before, after = ({timer.id: timer for timer in version.timers} for version in (old, new))
    for number, timer in enumerate(old.timers):
        if timer.id not in after:
            params = {"name": timer.id, "label": timer.label, "what": _describe_timer(old, timer)}
            yield Change("diff.timer_removed", ("timers", number), params)
    for number, timer in enumerate(new.timers):
        path: Path = ("timers", number)
        names = {"name": timer.id, "label": timer.label}
        if timer.id not in before:
            yield Change("diff.timer_added", path, {**names, "what": _describe_timer(new, timer)})
            continue
        former = before[timer.id]
        yield from compare_labels(path, timer.id, former.label, timer.label)
        if _content(former) != _content(timer):
            descriptions = {"old": _describe_timer(old, former), "new": _describe_timer(new, timer)}
            yield Change("diff.timer_changed", path, {**names, **descriptions})


def _content(timer: Timer) -> tuple[object, ...]:
    return frozenset(timer.states), timer.when, timer.hour, timer.repeat, timer.action


def _describe_timer(version: Definition, timer: Timer) -> Phrase:
    """Describe all of a timer but its label."""
    labels = {state.name: state.label for state in version.states}
    action, repeat = timer.action, timer.repeat
    params: dict[str, object] = {
        "states": tuple(labels.get(name, name) for name in sorted(timer.states)),
        "when": _describe_time(version, timer),
        "again": "",
    }
    if repeat:
        days = describe_argument(version, repeat.days)
        params["again"] = Phrase("timer.again", {"days": days, "max": repeat.max_firings})
    if isinstance(action, Remind):
        return Phrase("timer.description", {**params, "does": Phrase(f"timer.remind_{action.recipient}")})
    fire = Phrase("timer.fire", {"trigger": action.trigger})
    return Phrase("timer.description", {**params, "does": fire})


def _describe_time(version: Definition, timer: Timer) -> Phrase:
    when, hour = timer.when, {"hour": timer.hour}
    if isinstance(when, AfterEntry):
        return Phrase("timer.after", {"days": describe_argument(version, when.days), **hour})
    code = "timer.on" if when.days == 0 else "timer.before" if when.days < 0 else "timer.after_date"
    return Phrase(
        code, {"days": abs(when.days), "date": describe_argument(version, ParamRef(when.param)), **hour}
    )
