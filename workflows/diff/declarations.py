"""What changes in states, parameters and timers."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import Change, Severity, canonical_text, compare_labels, severity_if
from workflows.model.definition import (
    Argument,
    Definition,
    OnDate,
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
    """States that are added, removed or changed."""
    before, after = ({state.name: state for state in version.states} for version in (old, new))
    for name, state in before.items():
        if name not in after:
            names = {"name": name, "label": state.label}
            yield Change("diff.state_removed", ("states", name), names, Severity.BREAKING)
    for name, state in after.items():
        if name in before:
            yield from _changed(before[name], state)
        else:
            names = {"name": name, "label": state.label, "phase": state.phase}
            yield Change("diff.state_added", ("states", name), names)


def _changed(old: State, new: State) -> Iterator[Change]:
    path: Path = ("states", new.name)
    name = {"name": new.name}
    yield from compare_labels(path, new.name, old.label, new.label)
    if old.phase is not new.phase:
        names = {**name, "old": old.phase, "new": new.phase}
        yield Change("diff.state_phase", (*path, "phase"), names, Severity.BREAKING)
    if old.initial is not new.initial:
        yield Change("diff.state_initial" if new.initial else "diff.state_not_initial", path, name)
    if old.final is not new.final:
        code = "diff.state_final" if new.final else "diff.state_not_final"
        yield Change(code, path, name, severity_if(not new.final))
    if _rules(old) != _rules(new):
        yield Change("diff.state_turn", (*path, "turn"), {**name, "old": _turn(old), "new": _turn(new)})


def _rules(state: State) -> list[tuple[str, str]]:
    return [(rule.turn, canonical_text(rule.when)) for rule in state.turn]


def _turn(state: State) -> str:
    rules = (
        rule.turn if rule.when is None else f"{rule.turn} ({format_guard(rule.when)})" for rule in state.turn
    )
    return ", ".join(rules)


def compare_params(old: Definition, new: Definition) -> Iterator[Change]:
    """Parameters that are added, removed or changed."""
    before, after = ({param.name: param for param in version.params} for version in (old, new))
    for name, param in before.items():
        if name not in after:
            yield Change("diff.param_removed", ("params", name), {"name": name, "label": param.label})
    for name, param in after.items():
        if name in before:
            yield from _diff_params_changed(before[name], param)
        elif param.default is None:
            names = {"name": name, "label": param.label}
            yield Change("diff.param_required", ("params", name), names, Severity.BREAKING)
        else:
            names = {"name": name, "label": param.label, "default": param.default}
            yield Change("diff.param_added", ("params", name), names)


def _diff_params_changed(old: Param, new: Param) -> Iterator[Change]:
    path: Path = ("params", new.name)
    yield from compare_labels(path, new.name, old.label, new.label)
    if old.type is not new.type:
        names: dict[str, object] = {"name": new.name, "old": old.type, "new": new.type}
        yield Change("diff.param_type", (*path, "type"), names, Severity.BREAKING)
    if (type(old.default), old.default) != (type(new.default), new.default):
        names = {"name": new.name, "old": "–" if old.default is None else old.default, "new": new.default}
        gone = new.default is None
        code = "diff.param_default_gone" if gone else "diff.param_default"
        yield Change(code, (*path, "default"), names, severity_if(gone))
    if _bounds(old) != _bounds(new):
        tighter = _is_tighter(old, new)
        names = {"name": new.name, "old": _told(old), "new": _told(new)}
        yield Change(
            "diff.param_tighter" if tighter else "diff.param_looser", path, names, severity_if(tighter)
        )


def _bounds(param: Param) -> tuple[int | None, int | None, str | None]:
    return param.minimum, param.maximum, param.not_before


def _is_tighter(old: Param, new: Param) -> bool:
    """A value that a period gave may now be refused."""
    higher = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    lower = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return higher or lower or (new.not_before is not None and new.not_before != old.not_before)


def _told(param: Param) -> str:
    low = "−∞" if param.minimum is None else param.minimum
    high = "∞" if param.maximum is None else param.maximum
    return f"{low} … {high}" if param.not_before is None else f"≥ {param.not_before}"


def compare_timers(old: Definition, new: Definition) -> Iterator[Change]:
    """Timers that are added, removed or changed."""
    before, after = ({timer.id: timer for timer in version.timers} for version in (old, new))
    for number, timer in enumerate(old.timers):
        if timer.id not in after:
            yield Change("diff.timer_removed", ("timers", number), _names(old, timer))
    for number, timer in enumerate(new.timers):
        path: Path = ("timers", number)
        if timer.id not in before:
            yield Change("diff.timer_added", path, _names(new, timer))
            continue
        was = before[timer.id]
        yield from compare_labels(path, timer.id, was.label, timer.label)
        if _content(was) != _content(timer):
            params = {"name": timer.id, "label": timer.label}
            params |= {"old": _describe_timer(old, was), "new": _describe_timer(new, timer)}
            yield Change("diff.timer_changed", path, params)


def _content(timer: Timer) -> tuple[object, ...]:
    return frozenset(timer.states), timer.when, timer.hour, timer.repeat, timer.action


def _names(version: Definition, timer: Timer) -> dict[str, object]:
    return {"name": timer.id, "label": timer.label, "what": _describe_timer(version, timer)}


def _describe_timer(version: Definition, timer: Timer) -> Phrase:
    """All that a timer says but its label, in one phrase."""
    labels = {state.name: state.label for state in version.states}
    states = tuple(labels.get(name, name) for name in sorted(timer.states))
    parts = {"states": states, "when": _when(version, timer), "again": _again(version, timer)}
    return Phrase("timer.told", {**parts, "does": _does(timer)})


def _when(version: Definition, timer: Timer) -> Phrase:
    if not isinstance(timer.when, OnDate):
        return Phrase("timer.after", {"days": _days(version, timer.when.days), "hour": timer.hour})
    days = timer.when.days
    code = "timer.on" if days == 0 else "timer.before" if days < 0 else "timer.behind"
    label = _label(version, timer.when.param)
    return Phrase(code, {"days": abs(days), "date": label, "hour": timer.hour})


def _again(version: Definition, timer: Timer) -> Phrase | str:
    repeat = timer.repeat
    return (
        Phrase("timer.again", {"days": _days(version, repeat.days), "max": repeat.max_firings})
        if repeat
        else ""
    )


def _does(timer: Timer) -> Phrase:
    if isinstance(timer.action, Remind):
        return Phrase(f"timer.remind_{timer.action.recipient}")
    return Phrase("timer.fire", {"trigger": timer.action.trigger})


def _days(version: Definition, days: Argument) -> object:
    return _label(version, days.name) if isinstance(days, ParamRef) else days


def _label(version: Definition, name: str) -> Phrase:
    labels = {param.name: param.label for param in version.params}
    return Phrase("cond.value", {"label": labels.get(name, name)})
