import pytest
from graphql import GraphQLSchema, NoFragmentCyclesRule, build_schema, parse, validate
from strawberry.types.base import StrawberryObjectDefinition

from services.planning.api.errors import ApiError
from services.planning.api.extensions import RULES
from services.planning.api.limits import FETCHING_FIELDS, LIMITS, PAGE_SIZE, OperationLimits, Size
from services.planning.api.schema import build_schema as build
from services.planning.api.schema import sdl
from services.planning.review.approval import MAX_PLANS
from services.planning.status.queries import MAX_KEYS as STATUSES

SCHEMA = build_schema("""
    interface Row { code: String, below: [Row!]! }
    type Plan implements Row { code: String, below: [Row!]!, parent: Plan, history(first: Int): Events!
      movedTo: String, turn: Row }
    type ApprovedPlan { code: String, plan: Plan }
    type ApprovedPlans { results: [ApprovedPlan!]! }
    type Events { edges: [Edge!]!, nodes: [Plan!]! }
    type Edge { node: Plan! }
    union Either = Plan | Edge
    type Query { plan(name: String): Plan, plans: [Plan!]!, either: Either, statuses(keys: [ID!]!): [Plan]! }
    type Mutation { fire: Plan, approvePlans: ApprovedPlans }
    schema { query: Query, mutation: Mutation }
""")


def find_problems(query: str, schema: GraphQLSchema = SCHEMA) -> dict[str, object]:
    """Problem codes with what was found, by the rules alone."""
    errors = validate(schema, parse(query), list(RULES))
    problems = [error.problem for error in errors if isinstance(error, ApiError)]
    assert len(problems) == len(errors)
    return {problem.code: problem.params.get("value") for problem in problems}


def nested_query(levels: int) -> str:
    return "{plan" + "{parent" * (levels - 2) + "{code}" + "}" * (levels - 1)


def aliased_query(number: int) -> str:
    return "{plan{" + " ".join(f"a{i}: code" for i in range(number)) + "}}"


def fetching_query(number: int) -> str:
    return "{plan{" + "movedTo " * number + "}}"


def wide_query(fields: int) -> str:
    return "{plan{" + "code " * fields + "}}"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (nested_query(LIMITS.depth + 1), "query.depth"),
        (aliased_query(LIMITS.aliases + 1), "query.aliases"),
        (wide_query(LIMITS.cost), "query.cost"),
        (fetching_query(LIMITS.fetches + 1), "query.fetches"),
    ],
)
def test_operation_above_a_limit_is_refused(query: str, problem: str) -> None:
    assert problem in find_problems(query)


@pytest.mark.parametrize(
    "query",
    [
        nested_query(LIMITS.depth),
        aliased_query(LIMITS.aliases),
        wide_query(LIMITS.cost - 1),
        fetching_query(LIMITS.fetches),
    ],
)
def test_operation_at_a_limit_is_allowed(query: str) -> None:
    assert find_problems(query) == {}


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("{plan{code}}", Size(2, 0, 2)),
        ("{plans{code}}", Size(2, 0, 11)),
        ("{plans{below{code}}}", Size(3, 0, 111)),
        ("{plan{history{nodes{code}}}}", Size(4, 0, 2 + PAGE_SIZE * 2, 1)),
        ("{plan{history(first: 3){nodes{code}}}}", Size(4, 0, 2 + 3 * 2, 1)),
        ("query($n: Int){plan{history(first: $n){edges{node{code}}}}}", Size(5, 0, 2 + PAGE_SIZE * 3, 1)),
        ("{plan{...P}} fragment P on Plan{below{a: code ...R}} fragment R on Row{code}", Size(3, 1, 22)),
        ("{either{... on Plan{below{code}} ...{__typename}}}", Size(3, 0, 13)),
        ("{either{...on Plan{a: code b: code} ...on Edge{c: __typename}}}", Size(2, 2, 3)),
        ("{either{...on Plan{code ...{code}} ...P}} fragment P on Plan{code}", Size(2, 0, 4)),
        ("{plans{below{...on Row{code} ...on Plan{code parent{code}}}}}", Size(4, 0, 411)),
        ("{plan{movedTo a: movedTo turn{code}}}", Size(3, 1, 5, 3)),
        ("{plan{...P parent{...P}}} fragment P on Plan{turn{code}}", Size(4, 0, 6, 2)),
        ("{plans{turn{code} history{nodes{movedTo}}}}", Size(4, 0, 431, 10 * (1 + 1 + PAGE_SIZE))),
        ("mutation{approvePlans{results{code plan{movedTo}}}}", Size(4, 0, 32, 100)),
        ("mutation{a: fire{code} b: fire{code}}", Size(2, 2, 4)),
        ("{__schema{types{fields{type{ofType{ofType{name}}}}}}}", Size(1, 0, 1)),
    ],
)
def test_cost_of_a_field_is_one_plus_its_children_for_each_item(
    query: str, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.planning.api.limits.LIMITS", Size(-1, -1, -1, -1))
    assert tuple(find_problems(query).values()) == size


# One statement, or one question about each admin, for all that stand in an answer.
BATCHED_FIELDS = {
    *(f"PlanNumbers.{name}" for name in ("plans", "states")),
    "WorkflowVersion.plans",
    "WorkflowVersion.diagram",
    "WorkflowActor.address",
    "TimerAct.address",
    "PeriodRevision.changes",
    "PeriodRevision.authorAddress",
    "PeriodRevision.approverAddress",
    "ChangeRequest.authorAddress",
    "RevisionProposal.authorAddress",
    "ProposalEnd.address",
}


def test_every_async_field_counts_as_fetch_or_is_batched() -> None:
    """Whoever adds a field that is awaited has to say which of the two it is."""
    schema = build()
    async_fields = {
        f"{name}.{schema.config.name_converter.from_field(field)}"
        for name, kind in schema.schema_converter.type_map.items()
        if name not in {"Query", "Mutation"} and isinstance(kind.definition, StrawberryObjectDefinition)
        for field in kind.definition.fields
        if field.base_resolver and field.base_resolver.is_async
    }
    assert async_fields == FETCHING_FIELDS | BATCHED_FIELDS


def test_fetching_field_below_a_bulk_approval_is_refused() -> None:
    schema = build_schema(sdl())
    query = (
        "mutation($i: ApprovePlansInput!){approvePlans(input: $i){...on ApprovedPlans{results{result{%s}}}}}"
    )
    assert find_problems(query % "...on Plan{id}", schema) == {}
    for field in ("...on Plan{movedTo}", "...on Plan{turn{sentence}}", "...on Refused{plan{movedTo}}"):
        assert find_problems(query % field, schema) == {"query.fetches": 100}
    assert LIMITS.fetches < MAX_PLANS


def test_exponential_fragments_are_refused() -> None:
    chain = [f"fragment F{i} on Plan{{parent{{...F{i + 1}}}b:parent{{...F{i + 1}}}}}" for i in range(14)]
    bomb = "{plan{...F0}}" + "".join(chain) + "fragment F14 on Plan{code}"
    assert len(bomb) <= 757
    assert set(find_problems(bomb)) == {"query.depth", "query.aliases", "query.cost"}


def test_fragment_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measurements = []
    of_selections = OperationLimits._measure_selections

    def counting(self: OperationLimits, *given: object) -> Size:
        measurements.append(given)
        return of_selections(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(OperationLimits, "_measure_selections", counting)
    chain = [f"fragment F{i} on Plan{{...F{i + 1} ...F{i + 1}}}" for i in range(40)]
    find_problems("{plan{...F0}}" + "".join(chain) + "fragment F40 on Plan{code}")
    assert len(measurements) == 2 + 41


def test_huge_size_is_abbreviated() -> None:
    doubling = [f"fragment F{i} on Plan{{...F{i + 1} ...F{i + 1}}}" for i in range(100)]
    query = "{plan{...F0}}" + "".join(doubling) + "fragment F100 on Plan{code}"
    assert find_problems(query) == {"query.cost": "> 1000000"}


def test_every_operation_of_a_document_is_measured() -> None:
    assert set(find_problems("query A{plan{code}} query B" + nested_query(LIMITS.depth + 1))) == {
        "query.depth"
    }


@pytest.mark.parametrize(
    "query",
    [
        "{plan{...A}} fragment A on Plan{parent{...B}} fragment B on Plan{parent{...A}}",
        "{plan{...A}} fragment A on Plan{...A}",
    ],
)
def test_fragment_cycle_is_left_to_the_standard_rule(query: str) -> None:
    assert find_problems(query) == {}
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
def test_invalid_document_does_not_break_the_measurement(query: str) -> None:
    assert find_problems(query) == {}


def test_nul_in_a_literal_is_refused() -> None:
    assert find_problems(r'{plan(name: "a\u0000b"){code}}') == {"request.text": None}
    assert find_problems(r'{plan(name: "a\\u0000b"){code}}') == {}


@pytest.mark.parametrize(
    ("keys", "cost"),
    [
        ("$k", 1 + STATUSES * 25),
        ("[" + '"a",' * 79 + "]", None),
        ("[]", None),
        ("[" + '"a",' * 90 + "]", 1 + 90 * 25),
    ],
)
def test_cost_of_keys_counts_each_key(keys: str, cost: int | None) -> None:
    query = f"query Q($k: [ID!]!) {{ statuses(keys: {keys}) {{ {'code ' * 25} }} }}"
    assert find_problems(query).get("query.cost") == cost
