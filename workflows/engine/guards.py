"""Evaluation of guards: the result is `Pass` with its evidence, or the relevant refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum

from workflows.engine.predicates import PREDICATES
from workflows.model.definition import AllOf, Call, Guard, Not, ParamRef, iterate_calls
from workflows.model.facts import Facts, ParamValue, Pass, Refusal, Snapshot, Verdict, relevant_reasons


def evaluate_guard(guard: Guard | None, facts: Facts, plan: Snapshot, expected: bool = True) -> Verdict:
    """Return whether a guard has the expected truth value.

    If all parts are needed, the refusals of every failing part are returned. If one part is enough, the relevant
    refusals of all of them.
    """
    if guard is None:
        return Pass()
    if isinstance(guard, Call):
        return _evaluate_call(guard, facts, plan, expected)
    if isinstance(guard, Not):
        return evaluate_guard(guard.part, facts, plan, not expected)
    needs_all = isinstance(guard, AllOf) is expected  # by De Morgan
    evidence: dict[str, object] = {}
    refusals: list[Refusal] = []
    for part in guard.parts:
        verdict = evaluate_guard(part, facts, plan, expected)
        if not isinstance(verdict, Pass):
            refusals += verdict
        elif needs_all:
            evidence |= verdict.evidence
        else:
            return verdict
    if needs_all:
        return tuple(refusals) or Pass(evidence)
    return relevant_reasons(refusals)


def _evaluate_call(call: Call, facts: Facts, plan: Snapshot, expected: bool) -> Verdict:
    predicate = PREDICATES[call.name]
    args = resolve_arguments(call, facts.params)
    refusals = predicate.test(facts, plan, **args)
    if not expected:
        refusals = () if refusals else (Refusal(predicate.negated_code, args),)
    if not refusals:
        return Pass(_read_evidence(call, facts))
    if predicate.unactionable:
        return tuple(Refusal(refusal.code, refusal.params, refusal.path, True) for refusal in refusals)
    return refusals


def collect_evidence(guard: Guard | None, facts: Facts) -> dict[str, object]:
    """Return every fact and parameter that a guard can read, whether or not it holds."""
    evidence: dict[str, object] = {}
    for _, call in iterate_calls(guard):
        evidence |= _read_evidence(call, facts)
    return evidence


def _read_evidence(call: Call, facts: Facts) -> dict[str, object]:
    evidence = {name: getattr(facts, name) for name in PREDICATES[call.name].reads}
    names = (value.name for _, value in call.args if isinstance(value, ParamRef))
    return evidence | {f"params.{name}": facts.params[name] for name in names}


def resolve_arguments(call: Call, params: Mapping[str, ParamValue]) -> dict[str, ParamValue | str]:
    """Return the arguments of a call, with the period's values in place of references."""
    return {name: params[value.name] if isinstance(value, ParamRef) else value for name, value in call.args}


def value_to_json(value: object) -> object:
    """Return a fact as JSON for an event: instants and days in ISO 8601, records as objects."""
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): value_to_json(item) for key, item in value.items()}
    if is_dataclass(value):
        return {part.name: value_to_json(getattr(value, part.name)) for part in fields(value)}
    return value
