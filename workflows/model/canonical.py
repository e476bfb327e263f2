"""The canonical JSON of a version, and its SHA-256, which identifies the version.

Comments, the order of keys and written-out defaults do not change the hash. Every other difference does, labels
included. Absent values are left out, so that an optional field of a later release changes no hash.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

from workflows.model.contract import Contract
from workflows.model.definition import (
    AfterEntry,
    Definition,
    Label,
    OnDate,
    Param,
    Remind,
    State,
    Timer,
    Transition,
    argument_to_json,
    guard_to_json,
)


def hash_definition(definition: Definition) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(definition)).hexdigest()


def canonical_json(definition: Definition) -> bytes:
    """Return canonical JSON in UTF-8, which `load_definition` reads as the same version."""
    return json.dumps(
        _document(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def _document(definition: Definition) -> dict[str, object]:
    return _without_absent(**{
        "format": 1,
        "workflow": definition.name,
        "label": _label(definition.label),
        "contract": _contract(definition.contract),
        "params": {param.name: _param(param) for param in definition.params},
        "states": {state.name: _state(state) for state in definition.states},
        "start": {"when": guard_to_json(definition.start)} if definition.start else None,
        "transitions": [_transition(transition) for transition in definition.transitions],
        "timers": [_timer(timer) for timer in sorted(definition.timers, key=lambda timer: timer.id)],
    })  # fmt: skip


def _without_absent(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _label(label: Label) -> dict[str, str]:
    return {"id": label.id, "en": label.en}


def _contract(contract: Contract) -> dict[str, object]:
    mutations = {
        mutation.name: _without_absent(trigger=mutation.trigger, requires=sorted(mutation.requires))
        for mutation in contract.mutations
    }
    return _without_absent(
        **mutations,
        window={"opens": contract.window.opens, "closes": contract.window.closes},
        plt={
            "banner_from": contract.plt.banner_from,
            "confirmation_from": contract.plt.confirmation_from,
        },
        facts_max_age_minutes=contract.facts_max_age_minutes,
        minimum_points=contract.minimum_points,
    )


def _param(param: Param) -> dict[str, object]:
    return _without_absent(
        type=param.type,
        label=_label(param.label),
        default=param.default.isoformat() if isinstance(param.default, date) else param.default,
        minimum=param.minimum,
        maximum=param.maximum,
        not_before=param.not_before,
    )


def _state(state: State) -> dict[str, object]:
    return {
        "label": _label(state.label),
        "phase": state.phase,
        "turn": [_without_absent(who=rule.turn, when=guard_to_json(rule.when)) for rule in state.turn],
        "initial": state.initial,
        "final": state.final,
    }


def _transition(transition: Transition) -> dict[str, object]:
    return _without_absent(**{
        "id": transition.id,
        "trigger": transition.trigger,
        "from": sorted(transition.from_states),
        "to": transition.to_state,
        "by": {"role": transition.authority.role, "relation": transition.authority.relation},
        "label": _label(transition.label),
        "when": guard_to_json(transition.when),
        "warn": guard_to_json(transition.warn),
        "require": sorted(transition.require),
        "effects": [guard_to_json(effect) for effect in transition.effects],
        "exceptional": transition.exceptional,
    })  # fmt: skip


def _timer(timer: Timer) -> dict[str, object]:
    when, action, repeat = timer.when, timer.action, timer.repeat
    days = argument_to_json(when.days)
    return _without_absent(**{
        "id": timer.id,
        "label": _label(timer.label),
        "while": sorted(timer.states),
        "after": {"days": days} if isinstance(when, AfterEntry) else None,
        "at": {"param": when.param, "days": days} if isinstance(when, OnDate) else None,
        "hour": timer.hour,
        "repeat": {"days": argument_to_json(repeat.days), "max": repeat.max_firings} if repeat else None,
        "do": {"remind": {"who": action.recipient}} if isinstance(action, Remind) else
              {"fire": {"trigger": action.trigger}},
    })  # fmt: skip
