"""Limits of an operation: what it costs, and which sizes are refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from graphql import (
    GraphQLSchema,
    NoFragmentCyclesRule,
    OperationDefinitionNode,
    build_schema,
    get_operation_ast,
    parse,
    validate,
)
from strawberry.types.base import StrawberryObjectDefinition

from services.planning.api.limits import (
    FETCH_COST,
    FETCHING_FIELDS,
    LIMITS,
    LIST_SIZE,
    MUTATION_COST,
    Size,
    find_exceeded_limits,
    measure_operation,
)
from services.planning.api.schema import build_schema as build
from services.planning.api.schema import sdl
from services.planning.status.queries import MAX_KEYS

SCHEMA = build_schema("""
    interface Row { code: String, below: [Row!]! }
    type Plan implements Row { code: String, below: [Row!]!, parent: Plan, history(first: Int! = 20): Events!
      turn: Row }
    type ApprovedPlan { code: String, plan: Plan }
    type ApprovePlansPayload { results: [ApprovedPlan!]! }
    type Events { edges: [Edge!]!, nodes: [Plan!]!, pageInfo: PageInfo! }
    type PageInfo { endCursor: String }
    type Edge { node: Plan! }
    union Either = Plan | Edge
    type Query { plan(name: String): Plan, plans: [Plan!]!, either: Either, statuses(keys: [ID!]!): [Plan]! }
    type Mutation { fire: Plan, approvePlans: ApprovePlansPayload }
    schema { query: Query, mutation: Mutation }
""")
PAGE = 20
F, L, M = FETCH_COST, LIST_SIZE, MUTATION_COST


def measure(
    query: str, schema: GraphQLSchema = SCHEMA, variables: Mapping[str, object] = MappingProxyType({})
) -> Size:
    document = parse(query)
    operation = get_operation_ast(document)
    assert isinstance(operation, OperationDefinitionNode)
    return measure_operation(schema, document, operation, variables)


def list_exceeded(query: str, schema: GraphQLSchema = SCHEMA) -> list[str]:
    return [problem.code for problem in find_exceeded_limits(measure(query, schema))]


def nest_levels(levels: int) -> str:
    return "{plan" + "{parent" * (levels - 2) + "{code}" + "}" * (levels - 1)


def aliases(number: int) -> str:
    return "{plan{" + " ".join(f"a{i}: code" for i in range(number)) + "}}"


def page_of(items: int) -> str:
    return f"{{plan{{history(first: {items}){{nodes{{code}}}}}}}}"


def repeat_fields(number: int) -> str:
    return "{plan{" + "code " * number + "}}"


AT_COST_LIMIT = LIMITS.cost - 2 - FETCH_COST


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (nest_levels(LIMITS.depth + 1), "query.depth"),
        (aliases(LIMITS.aliases + 1), "query.aliases"),
        (page_of(AT_COST_LIMIT + 1), "query.cost"),
        (repeat_fields(LIMITS.fields), "query.fields"),
    ],
)
def test_operation_one_beyond_a_limit_is_refused(query: str, problem: str) -> None:
    assert list_exceeded(query) == [problem]


@pytest.mark.parametrize(
    "query",
    [
        nest_levels(LIMITS.depth),
        aliases(LIMITS.aliases),
        page_of(AT_COST_LIMIT),
        repeat_fields(LIMITS.fields - 1),
    ],
)
def test_operation_at_a_limit_is_accepted(query: str) -> None:
    assert list_exceeded(query) == []


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("{plan{code}}", Size(2, 0, 1)),
        ("{plan{code a: code __typename}}", Size(2, 1, 1)),
        ("{plans{code}}", Size(2, 0, L)),
        ("{plans{below{code}}}", Size(3, 0, L + L * L)),
        ("{plan{history{nodes{code}}}}", Size(4, 0, 1 + F + 1 + PAGE)),
        ("{plan{history(first: 3){nodes{code} pageInfo{endCursor}}}}", Size(4, 0, 1 + F + 1 + 3 + 1)),
        ("{plan{history(first: 3){edges{node{code}}}}}", Size(5, 0, 1 + F + 1 + 3 * 2)),
        ("{plan{...P}} fragment P on Plan{below{a: code ...R}} fragment R on Row{code}", Size(3, 1, 1 + L)),
        ("{either{... on Plan{below{code}} ...{__typename}}}", Size(3, 0, 1 + L)),
        ("{either{...on Plan{a: code b: code} ...on Edge{c: __typename}}}", Size(2, 2, 1)),
        ("{either{...on Plan{below{code}} ...on Edge{node{code}}}}", Size(3, 0, 1 + L)),
        ("{plan{turn{code} a: turn{code} b: turn{code}}}", Size(3, 2, 1 + 3 * (F + 1))),
        ("{plan{...P parent{...P}}} fragment P on Plan{turn{code}}", Size(4, 0, 2 * (1 + F + 1))),
        ("{plan{history(first: 3){...E}}} fragment E on Events{nodes{code}}", Size(4, 0, 1 + F + 1 + 3)),
        ("mutation{approvePlans{results{code plan{turn{code}}}}}", Size(5, 0, M + 1 + 100 * (3 + F))),
        ("mutation{a: fire{code} b: fire{code}}", Size(2, 2, 2 * (M + 1))),
        (
            "mutation{...F __typename} fragment F on Mutation{a: fire{code} b: fire{code}}",
            Size(2, 2, 2 * (M + 1)),
        ),
        ("{__schema{types{fields{type{ofType{ofType{name}}}}}}}", Size(1, 0, 0)),
    ],
)
def test_each_object_that_the_answer_may_hold_costs_one(query: str, size: Size) -> None:
    assert measure(query)[:3] == size[:3]


@pytest.mark.parametrize(
    ("declaration", "argument", "variables"),
    [
        ("", "(first: 7)", {}),
        ("query($n: Int)", "(first: $n)", {"n": 7}),
        ("query($n: Int = 7)", "(first: $n)", {}),
    ],
)
def test_page_size_costs_the_same_as_a_literal_and_as_a_variable(
    declaration: str, argument: str, variables: dict[str, object]
) -> None:
    query = f"{declaration}{{plan{{history{argument}{{nodes{{code}}}}}}}}"
    assert measure(query, variables=variables).cost == 1 + FETCH_COST + 1 + 7


@pytest.mark.parametrize("value", [None, "7", True, -3, [7]])
def test_page_size_that_is_no_number_is_left_to_the_validation(value: object) -> None:
    query = "query($n: Int){plan{history(first: $n){nodes{code}}}}"
    assert measure(query, variables={"n": value}).cost in {1 + FETCH_COST + 1, 1 + FETCH_COST + 1 + PAGE}


# A data loader fetches these fields for the whole answer.
ONCE_FOR_ALL = {
    "Catalog.examplePlan",
    *(f"PlanStatistics.{name}" for name in ("period", "planCount", "states")),
    *(f"WorkflowVersion.{name}" for name in ("basedOn", "diagram", "planCounts")),
    "WorkflowPlanCount.period",
    *(f"PlanMigration.{name}" for name in ("fromVersion", "toVersion", "period")),
    "SkippedPlan.plan",
    *(f"DryRun.{name}" for name in ("period", "workflowVersion")),
    *(f"DryRunPlanGroup.{name}" for name in ("samplePlans", "workflowVersion")),
    "DryRunSample.plan",
    "Actor.address",
    "Plan.period",
    "Plan.currentSatuanPendidikan",
    "Timer.plan",
    "Timer.acts",
    "Notification.plan",
    "PeriodRevision.changes",
    "ChangeRequest.isStale",
    *(f"ProposedPeriodRevision.{name}" for name in ("period", "changes", "waitingPlanCount", "revisions")),
}


# The fields of these schools are loaded from identity, one question for each school.
REFERENCED_SCHOOLS = {
    "Banner.satuanPendidikan",
    "Headship.satuanPendidikan",
    "RoleAssignment.satuanPendidikan",
}


def test_every_async_field_costs_a_fetch_or_uses_a_data_loader() -> None:
    schema = build()
    async_fields = {
        f"{name}.{schema.config.name_converter.from_field(field)}"
        for name, kind in schema.schema_converter.type_map.items()
        if name not in {"Query", "Mutation"} and isinstance(kind.definition, StrawberryObjectDefinition)
        for field in kind.definition.fields
        if field.base_resolver and field.base_resolver.is_async
    }
    assert async_fields | REFERENCED_SCHOOLS == FETCHING_FIELDS | ONCE_FOR_ALL


def test_plans_approved_together_fetch_nothing_more() -> None:
    schema = build_schema(sdl())
    query = (
        "mutation($i: ApprovePlansInput!){approvePlans(input: $i){...on ApprovePlansPayload{results{%s}}}}"
    )
    assert list_exceeded(query % "...on ApprovePlanPayload{plan{id}}", schema) == []
    for field in (
        "...on ApprovePlanPayload{plan{timers{name}}}",
        "...on ApprovePlanPayload{plan{turn{sentence}}}",
        "...on PlanRejection{currentPlan{timers{name}}}",
    ):
        assert list_exceeded(query % field, schema) == ["query.cost"]


def test_short_document_of_nested_fragments_is_refused_without_expanding_them() -> None:
    chain = [f"fragment F{i} on Plan{{parent{{...F{i + 1}}}b:parent{{...F{i + 1}}}}}" for i in range(14)]
    bomb = "{plan{...F0}}" + "".join(chain) + "fragment F14 on Plan{code}"
    assert len(bomb) < 1000
    assert list_exceeded(bomb) == ["query.depth", "query.aliases", "query.cost", "query.fields"]


def test_each_fragment_is_measured_once() -> None:
    doubling = [f"fragment F{i} on Plan{{...F{i + 1} ...F{i + 1}}}" for i in range(100)]
    query = "{plan{...F0}}" + "".join(doubling) + "fragment F100 on Plan{turn{code}}"
    problems = find_exceeded_limits(measure(query))
    assert [problem.code for problem in problems] == ["query.cost", "query.fields"]
    assert {problem.params["value"] for problem in problems} == {"> 1000000"}


def test_only_the_operation_to_execute_is_measured() -> None:
    document = parse("query A{plan{code}} query B" + nest_levels(LIMITS.depth + 1))
    for name, depth in (("A", 2), ("B", LIMITS.depth + 1)):
        operation = get_operation_ast(document, name)
        assert isinstance(operation, OperationDefinitionNode)
        assert measure_operation(SCHEMA, document, operation, {}).depth == depth


@pytest.mark.parametrize(
    "query",
    [
        "{plan{...A}} fragment A on Plan{parent{...B}} fragment B on Plan{parent{...A}}",
        "{plan{...A}} fragment A on Plan{...A}",
    ],
)
def test_cycle_of_fragments_ends_and_is_left_to_the_validation(query: str) -> None:
    assert list_exceeded(query) == []
    assert validate(SCHEMA, parse(query), [NoFragmentCyclesRule])


@pytest.mark.parametrize(
    "query",
    [
        "{nothing{deeper}}",
        "{plan{...Missing}}",
        "{... on Nowhere{code{code}}}",
        "subscription{plan{code}}",
        "{plan(first: 3){code}}",
    ],
)
def test_invalid_document_is_left_to_the_validation(query: str) -> None:
    assert list_exceeded(query) == []


@pytest.mark.parametrize(
    ("keys", "variables", "items"),
    [
        ("$k", {}, MAX_KEYS),
        ("$k", {"k": ["a"] * 90}, 90),
        ("[" + '"a",' * 79 + "]", {}, 79),
        ("[]", {}, 0),
    ],
)
def test_field_with_keys_costs_one_for_each_of_them(
    keys: str, variables: dict[str, object], items: int
) -> None:
    query = f"query Q($k: [ID!]!) {{ statuses(keys: {keys}) {{ code }} }}"
    assert measure(query, variables=variables).cost == items
