"""The identity of a version: the SHA-256 of its canonical JSON.

Comments, key order and the spelling of defaults do not matter; everything else does, labels included. What is
absent stays absent: the loader reads the canonical form back, and a field added later changes no identity.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

from workflows.model.definition import (
    AfterEntry,
    Argument,
    Definition,
    Label,
    Param,
    ParamRef,
    Remind,
    State,
    Timer,
    Transition,
    guard_to_json,
)


def hash_definition(definition: Definition) -> str:
    """The identity of a version, in hexadecimal."""
    return hashlib.sha256(canonical_json(definition)).hexdigest()


def canonical_json(definition: Definition) -> bytes:
    """Canonical JSON in UTF-8: keys sorted, no file order where order means nothing; `load` reads it back."""
    return json.dumps(
        _document(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def _document(definition: Definition) -> dict[str, object]:
    return _said(**{
        "format": 1,
        "workflow": definition.name,
        "label": _label(definition.label),
        "params": {param.name: _param(param) for param in definition.params},
        "states": {state.name: _state(state) for state in definition.states},
        "start": {"when": guard_to_json(definition.start)} if definition.start else None,
        "transitions": [_transition(row) for row in definition.transitions],
        "timers": [_timer(timer) for timer in sorted(definition.timers, key=lambda timer: timer.id)],
    })  # fmt: skip


def _said(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _label(label: Label) -> dict[str, str]:
    return {"id": label.id, "en": label.en}


def _param(param: Param) -> dict[str, object]:
    default = param.default.isoformat() if isinstance(param.default, date) else param.default
    return _said(
        type=param.type,
        label=_label(param.label),
        default=default,
        minimum=param.minimum,
        maximum=param.maximum,
        not_before=param.not_before,
    )


def _state(state: State) -> dict[str, object]:
    return {
        "label": _label(state.label),
        "phase": state.phase,
        "turn": [_said(who=rule.turn, when=guard_to_json(rule.when)) for rule in state.turn],
        "initial": state.initial,
        "final": state.final,
    }


def _transition(row: Transition) -> dict[str, object]:
    return _said(**{
        "id": row.id,
        "trigger": row.trigger,
        "from": sorted(row.from_states),
        "to": row.to_state,
        "by": {"role": row.authority.role, "relation": row.authority.relation},
        "label": _label(row.label),
        "when": guard_to_json(row.when),
        "warn": guard_to_json(row.warn),
        "require": sorted(row.require),
        "effects": [guard_to_json(effect) for effect in row.effects],
        "exceptional": row.exceptional,
    })  # fmt: skip


def _timer(timer: Timer) -> dict[str, object]:
    when, does, repeat = timer.when, timer.action, timer.repeat
    return _said(**{
        "id": timer.id,
        "label": _label(timer.label),
        "while": sorted(timer.states),
        "after": {"days": _days(when.days)} if isinstance(when, AfterEntry) else None,
        "at": None if isinstance(when, AfterEntry) else {"param": when.param, "days": when.days},
        "hour": timer.hour,
        "repeat": {"days": _days(repeat.days), "max": repeat.max_firings} if repeat else None,
        "do": {"remind": {"who": does.recipient}} if isinstance(does, Remind) else {"fire": {"trigger": does.trigger}},
    })  # fmt: skip


def _days(days: Argument) -> object:
    return {"param": days.name} if isinstance(days, ParamRef) else days
