"""Weighing a guard: the tree over the facts gives `Pass` with the evidence, or every reason that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum

from workflows.engine.predicates import PREDICATES
from workflows.model.definition import AllOf, Argument, Call, Guard, Not, ParamRef, iterate_calls
from workflows.model.facts import Facts, ParamValue, Pass, Refusal, Snapshot, Verdict, relevant_reasons


def evaluate_guard(guard: Guard | None, facts: Facts, plan: Snapshot, wanted: bool = True) -> Verdict:
    """Whether a guard holds (or, not `wanted`, fails to hold), by De Morgan down to the predicates.

    Where all parts are needed, every missing one is told; where one would do, the reasons of all ways.
    """
    if guard is None:
        return Pass()
    if isinstance(guard, Call):
        return _ask(guard, facts, plan, wanted)
    if isinstance(guard, Not):
        return evaluate_guard(guard.part, facts, plan, not wanted)
    if isinstance(guard, AllOf) is wanted:
        return _every(guard.parts, facts, plan, wanted)
    return _one(guard.parts, facts, plan, wanted)


def _every(parts: tuple[Guard, ...], facts: Facts, plan: Snapshot, wanted: bool) -> Verdict:
    evidence: dict[str, object] = {}
    refusals: list[Refusal] = []
    for part in parts:
        verdict = evaluate_guard(part, facts, plan, wanted)
        if isinstance(verdict, Pass):
            evidence.update(verdict.evidence)
        else:
            refusals.extend(verdict)
    return tuple(refusals) or Pass(evidence)


def _one(parts: tuple[Guard, ...], facts: Facts, plan: Snapshot, wanted: bool) -> Verdict:
    refusals: list[Refusal] = []
    for part in parts:
        verdict = evaluate_guard(part, facts, plan, wanted)
        if isinstance(verdict, Pass):
            return verdict
        refusals.extend(verdict)
    return relevant_reasons(refusals)


def _ask(call: Call, facts: Facts, plan: Snapshot, wanted: bool) -> Verdict:
    predicate = PREDICATES[call.name]
    args = resolve_arguments(call, facts.params)
    refusals = predicate.test(facts, plan, **args)
    if not wanted:
        refusals = () if refusals else (Refusal(predicate.negated_code, args),)
    if not refusals:
        return Pass(_evidence(call, args, predicate.reads, facts))
    if predicate.unactionable:
        return tuple(Refusal(no.code, no.params, no.path, unactionable=True) for no in refusals)
    return refusals


def collect_evidence(guard: Guard | None, facts: Facts) -> dict[str, object]:
    """Every fact and parameter that a guard reads, whether it holds or not."""
    evidence: dict[str, object] = {}
    for _, call in iterate_calls(guard, ()):
        evidence |= _evidence(call, resolve_arguments(call, facts.params), PREDICATES[call.name].reads, facts)
    return evidence


def resolve_arguments(call: Call, params: Mapping[str, ParamValue]) -> dict[str, ParamValue | str]:
    """The arguments of a call with the period's values in place of references."""
    return {name: _value(argument, params) for name, argument in call.args}


def _value(argument: Argument, params: Mapping[str, ParamValue]) -> ParamValue | str:
    return params[argument.name] if isinstance(argument, ParamRef) else argument


def _evidence(
    call: Call, args: Mapping[str, object], reads: tuple[str, ...], facts: Facts
) -> dict[str, object]:
    evidence: dict[str, object] = {name: getattr(facts, name) for name in reads}
    for name, argument in call.args:
        if isinstance(argument, ParamRef):
            evidence[f"params.{argument.name}"] = args[name]
    return evidence


def value_to_json(value: object) -> object:
    """A fact as it stands in an event: instants and days in ISO 8601, records as objects."""
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
