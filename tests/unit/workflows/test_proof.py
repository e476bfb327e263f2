"""The solver: its few values represent all facts, and its results agree with the engine."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows import random_definitions, random_plans
from tests.unit.workflows.samples import change_shipped, dump_json, shipped_document
from tests.unit.workflows.witness_checks import is_satisfied
from workflows.engine.predicates import PREDICATES
from workflows.files.loader import load_definition, load_shipped
from workflows.lint.check import lint
from workflows.lint.witness_text import describe_witness
from workflows.model.definition import AllOf, Call, Definition, Not, ParamRef, iterate_calls
from workflows.model.facts import Facts
from workflows.proof.domains import COMPARED_FACTS, FACT_DOMAINS, build_facts
from workflows.proof.solver import Solver, dependencies


def with_guard(guard: Any) -> Definition:
    data = random_definitions.sound_document()
    data["transitions"][0]["when"] = guard
    return load_definition(dump_json(data))


@given(random_definitions.GUARDS, st.lists(random_plans.FACTS, min_size=15, max_size=15))
def test_the_solver_finds_real_facts_exactly_if_some_satisfy_the_guard(
    raw: Any, samples: list[Facts]
) -> None:
    definition = with_guard(raw)
    guard = definition.transitions[0].when
    assert guard is not None
    solver = Solver(definition)
    for wanted in (guard, Not(guard)):
        assignment = solver.solve(wanted)
        if assignment is None:
            assert not any(is_satisfied(wanted, facts) for facts in samples)
        else:
            assert is_satisfied(wanted, build_facts(definition, solver.domains, assignment))


@given(
    st.lists(random_definitions.ATOMS, min_size=2, max_size=5),
    st.lists(random_plans.FACTS, min_size=5, max_size=5),
)
def test_every_combination_of_values_has_an_assignment(raw: list[Any], samples: list[Facts]) -> None:
    """For the values of several predicates under any facts, some assignment gives the same values."""
    definition = with_guard({"all": raw})
    atoms = [call for _, call in iterate_calls(definition.transitions[0].when, ())]
    solver = Solver(definition)
    for facts in samples:
        answers = [atom if is_satisfied(atom, facts) else Not(atom) for atom in atoms]
        assert solver.solve(AllOf(tuple(answers))) is not None, answers


@pytest.mark.parametrize("name", PREDICATES)
def test_each_predicate_has_assignments_for_both_values(name: str) -> None:
    guards = (guard for _, guard in load_shipped().guards())
    call = next(call for guard in guards for _, call in iterate_calls(guard, ()) if call.name == name)
    solver = Solver(load_shipped())
    for wanted in (call, Not(call)):
        assignment = solver.solve(wanted)
        assert assignment is not None
        assert is_satisfied(wanted, build_facts(solver.definition, solver.domains, assignment))


@given(random_definitions.ATOMS, random_plans.FACTS, random_plans.FACTS)
def test_a_call_depends_on_its_dependencies_alone(raw: Any, first: Facts, second: Facts) -> None:
    call = with_guard(raw).transitions[0].when
    assert isinstance(call, Call)
    same = {name: getattr(first, name) for name in dependencies(call) if "." not in name}
    params = {value.name: first.params[value.name] for _, value in call.args if isinstance(value, ParamRef)}
    assert is_satisfied(call, first) is is_satisfied(
        call, replace(second, **same, params={**second.params, **params})
    )


def test_dependencies_are_facts_with_domains_or_arguments() -> None:
    for predicate in PREDICATES.values():
        assert set(predicate.depends_on) <= {*FACT_DOMAINS, *COMPARED_FACTS, *predicate.args}


def entangled_guards(size: int) -> bytes:
    """Many alternatives, together with their negation."""
    pairs = [
        {"any": [{"facts_fresh": {"minutes": number}}, {"not": {"points_at_least": {"minimum": number}}}]}
        for number in range(size)
    ]
    negation = {"not": {"any": [{"not": pair} for pair in pairs]}}
    return change_shipped(
        ("transitions.2.when", {"all": [*pairs, negation, "may_plan", {"not": "may_plan"}]})
    )


def long_chain(states: int, switches: int) -> bytes:
    """A long chain of states that depends on many switches."""
    data = random_definitions.sound_document()
    data["params"] |= {
        f"p{n}": {"type": "bool", "default": True, "label": random_definitions.LABEL} for n in range(switches)
    }
    conditions = [{"param_on": {"value": {"param": f"p{n}"}}} for n in range(switches)]
    data["transitions"][2] |= {"when": {"any": ["may_plan", *conditions]}, "to": "n0"}
    for number in range(states):
        data["states"][f"n{number}"] = {
            "label": random_definitions.LABEL,
            "phase": "submitted",
            "turn": "head",
        }
        to = f"n{number + 1}" if number + 1 < states else "approved"
        data["transitions"].append(
            random_definitions.build_transition(
                f"r{number}", "approve", f"n{number}", to, random_definitions.HEAD
            )
        )
    return dump_json(data)


@pytest.mark.parametrize(
    "source", [entangled_guards(60), entangled_guards(95), long_chain(60, 3), long_chain(90, 24)]
)
def test_a_complex_definition_is_refused_quickly(source: bytes) -> None:
    definition, start = load_definition(source), time.process_time()
    codes = {finding.code for finding in lint(definition)}
    assert time.process_time() - start < 10
    assert codes


def with_switches(number: int) -> Definition:
    """The shipped definition, in which each of so many switches approves every plan."""
    data = shipped_document()
    switches = [f"switch_{index}" for index in range(number - 1)]
    data["params"] |= {
        name: {"type": "bool", "default": False, "label": random_definitions.LABEL} for name in switches
    }
    data["transitions"][1]["when"]["all"][0]["any"] += [
        {"param_on": {"value": {"param": name}}} for name in switches
    ]
    return load_definition(dump_json(data))


def test_six_switches_are_proved_and_with_more_the_linter_says_what_it_could_not_prove() -> None:
    assert lint(with_switches(6)) == []
    (finding,) = lint(with_switches(10))
    assert finding.code == "lint.too_intricate"
    assert finding.message("en").startswith(
        "The conditions are too complex to prove (10 switches). What remains unproved: no plan is stuck, "
        "no plan is stuck after the last day. "
    )
    assert "tidak ada rencana yang tertahan" in finding.message("id")


def test_a_proof_stops_at_its_step_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.proof.solver.STEP_LIMIT", 100)
    (finding,) = lint(load_shipped())
    assert (finding.code, finding.place) == ("lint.too_intricate", "transitions")
    assert describe_witness(load_shipped(), finding, "en") == ()
