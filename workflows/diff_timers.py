"""Changes of what happens by the clock, matched by id. A plan that lives loses nothing by any of them."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.changes import Change
from workflows.definition import At, Definition, Remind, Timer
from workflows.diff_words import label_changes
from workflows.messages import Said
from workflows.trees import Argument, ParamRef, Path


def timers(old: Definition, new: Definition) -> Iterator[Change]:
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
        yield from label_changes(path, timer.id, was.label, timer.label)
        if _content(was) != _content(timer):
            names = {"name": timer.id, "label": timer.label}
            yield Change(
                "diff.timer_changed", path, {**names, "old": _told(old, was), "new": _told(new, timer)}
            )


def _content(timer: Timer) -> tuple[object, ...]:
    return frozenset(timer.states), timer.when, timer.hour, timer.repeat, timer.does


def _names(version: Definition, timer: Timer) -> dict[str, object]:
    return {"name": timer.id, "label": timer.label, "what": _told(version, timer)}


def _told(version: Definition, timer: Timer) -> Said:
    """All that a timer says but its label, in one phrase."""
    labels = {state.name: state.label for state in version.states}
    states = tuple(labels.get(name, name) for name in sorted(timer.states))
    parts = {"states": states, "when": _when(version, timer), "again": _again(version, timer)}
    return Said("timer.told", {**parts, "does": _does(timer)})


def _when(version: Definition, timer: Timer) -> Said:
    if not isinstance(timer.when, At):
        return Said("timer.after", {"days": _days(version, timer.when.days), "hour": timer.hour})
    days = timer.when.days
    code = "timer.on" if days == 0 else "timer.before" if days < 0 else "timer.behind"
    label = _label(version, timer.when.param)
    return Said(code, {"days": abs(days), "date": label, "hour": timer.hour})


def _again(version: Definition, timer: Timer) -> Said | str:
    repeat = timer.repeat
    return Said("timer.again", {"days": _days(version, repeat.days), "max": repeat.most}) if repeat else ""


def _does(timer: Timer) -> Said:
    if isinstance(timer.does, Remind):
        return Said(f"timer.remind_{timer.does.who}")
    return Said("timer.fire", {"trigger": timer.does.trigger})


def _days(version: Definition, days: Argument) -> object:
    return _label(version, days.name) if isinstance(days, ParamRef) else days


def _label(version: Definition, name: str) -> Said:
    labels = {param.name: param.label for param in version.params}
    return Said("cond.value", {"label": labels.get(name, name)})
