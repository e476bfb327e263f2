"""Every root field and endpoint against every kind of caller: only the listed callers are served.

Run with -s to read the tables. A root field or a route that is new has no row, and fails here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from graphql import ObjectTypeDefinitionNode, parse
from starlette.routing import Route

from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.kit.database import Database
from services.planning.api.schema import build_schema, sdl
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.callers import (
    DatabaseSnapshot,
    Headers,
    format_table,
    open_snapshot,
    outcome_code,
    sign_in_callers,
)
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.outage import MORNING
from tests.integration.planning.root_fields import PEOPLE, REQUESTS, SETUPS, RootFieldRequest
from tests.integration.planning.workflow_versions import SECOND
from tests.small_registry import ADMIN, PNS, SD, email_of, fill_registry

# Codes that refuse a caller. Other codes are about the request itself.
ADMIN_ONLY = {
    "nothing", "auth.sign_in_required", "auth.token_invalid", "auth.token_expired", "auth.partner",
    "auth.scope_missing", "actor.not_admin", "actor.not_head", "actor.not_owner", "actor.own_plan", "plan.unknown",
    "review.heads_no_school", "head.is_another", "comment.not_yours", "plt.not_plt_here",
    "access.kepala_sekolah", "access.no_ptk",
}  # fmt: skip

# The refusals of tokens: of the problem, and of the error.
TOKEN_REFUSALS = {
    "nobody": ("auth.sign_in_required", {"UNAUTHENTICATED"}),
    "service": ("auth.token_invalid", {"UNAUTHENTICATED"}),
    "expired": ("auth.token_expired", {"UNAUTHENTICATED"}),
    "foreign key": ("auth.token_invalid", {"UNAUTHENTICATED"}),
}
PARTNER_FIELDS = {"planStatus", "planStatuses", "schools"}

FORM = "application/x-www-form-urlencoded"
EVERYBODY = {
    "nobody", *PEOPLE, "partner", "partner without scope", "service", "expired", "foreign key",
}  # fmt: skip
REASON = {"reason": "Alasan contoh."}
CLIENT = {"name": "Mitra", "contact": "x", "scopes": ["status:read"], "within": {"npsn": [SD]}}
# The callers of each endpoint, and the request. A push of a school and `/token` take credentials and no token.
ENDPOINTS: Mapping[str, tuple[set[str], object]] = {
    "GET /v1/teachers/{ptk_id}": ({"service"}, None),
    "POST /v1/teachers/resolve": ({"service"}, {"keys": [{"nip": "198502032010012901"}]}),
    "GET /v1/schools/{npsn}": ({"service"}, None),
    "GET /v1/accounts/{account_id}": ({"service"}, None),
    "GET /v1/changes": ({"service"}, None),
    "PUT /v1/schools/{npsn}/dapodik": (set(), {}),
    "GET /admin/clients": ({"admin"}, None),
    "POST /admin/clients": ({"admin"}, CLIENT),
    "GET /admin/clients/requests": ({"admin"}, None),
    "POST /admin/clients/requests/{open}/approve": ({"admin"}, REASON),
    "POST /admin/clients/requests/{open}/reject": ({"admin"}, REASON),
    "POST /admin/clients/requests/{open}/withdraw": ({"admin"}, REASON),
    "POST /admin/clients/requests/{approved}/execute": ({"admin"}, None),
    "POST /admin/clients/{id}/rotate": ({"admin"}, {"overlap_hours": 1}),
    "POST /admin/clients/{id}/revoke": ({"admin"}, {}),
    "POST /token": (set(), "grant_type=client_credentials"),
    "POST /dev/token": (EVERYBODY, {"email": email_of(PNS)}),
    "GET /.well-known/oauth-authorization-server": (EVERYBODY, None),
    "GET /.well-known/jwks.json": (EVERYBODY, None),
    "GET /healthz": (EVERYBODY, None),
    "GET /readyz": (EVERYBODY, None),
    "GET /metrics": (EVERYBODY, None),
}


@dataclass(frozen=True)
class Answer:
    """The answer to a request, and its outcome: `ok`, `nothing` for null, or the code of the refusal."""

    status: int
    body: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        return outcome_code(self.status, self.body)


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    async with environment_at(own_registry, own_planning_database, MORNING) as environment:
        yield environment


@pytest.fixture(scope="module")
async def answers(fresh_url: Fresh) -> dict[str, dict[str, Answer]]:
    """The answer to each root field by kind of caller."""
    async with (
        connect_database(
            await fresh_url("services.identity", fill_registry), "services.identity"
        ) as registry,
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as database,
        environment_at(registry, database, MORNING) as environment,
        open_snapshot(database) as rows,
    ):
        headers_by_caller = await sign_in_callers(environment, registry)
        table: dict[str, dict[str, Answer]] = {}
        await rows.save("beginning")
        for scene, set_up in SETUPS.items():
            variables = await set_up(environment)
            await rows.save("scene")
            for name in (name for name, request in REQUESTS.items() if request.setup == scene):
                table[name] = {
                    kind: await _send_request(environment, rows, REQUESTS[name], variables, headers)
                    for kind, headers in headers_by_caller.items()
                }
            await rows.restore("beginning")
        return table


def test_every_root_field_has_a_request(answers: Mapping[str, Mapping[str, Answer]]) -> None:
    assert _root_fields() == set(REQUESTS)
    outcomes = {
        field: {kind: answer.outcome for kind, answer in answers[field].items()} for field in REQUESTS
    }
    print("\n" + format_table("GraphQL", outcomes))  # noqa: T201 - what this test shows


@pytest.mark.parametrize("field", REQUESTS)
def test_root_field_is_open_only_to_the_listed_callers(
    answers: Mapping[str, Mapping[str, Answer]], field: str
) -> None:
    request, outcomes = REQUESTS[field], {kind: answer.outcome for kind, answer in answers[field].items()}
    allowed = {kind for kind, outcome in outcomes.items() if outcome in {"ok", request.reason}}
    assert allowed == set(request.allowed_callers), outcomes
    assert {outcomes[kind] for kind in outcomes.keys() - allowed} <= ADMIN_ONLY, outcomes


@pytest.mark.parametrize("field", REQUESTS)
def test_the_same_kind_of_refusal_has_the_same_form(
    answers: Mapping[str, Mapping[str, Answer]], field: str
) -> None:
    """What is wrong with a token is an error in every field; what a person lacks is data in a mutation."""
    root, name = field.split(".")
    for kind, answer in answers[field].items():
        outcome = answer.outcome
        codes = {error["extensions"]["code"] for error in answer.body.get("errors", ())}
        result: Any = (answer.body.get("data") or {}).get("answer")
        if kind in TOKEN_REFUSALS:
            assert (outcome, codes, result) == (*TOKEN_REFUSALS[kind], None), (kind, answer)
        elif kind in {"partner", "partner without scope"} and outcome != "ok":
            # a field for partners lacks the scope, every other one is for persons
            code = "auth.scope_missing" if name in PARTNER_FIELDS else "auth.partner"
            assert (outcome, codes, result) == (code, {"FORBIDDEN"}, None), (kind, answer)
        elif kind in REQUESTS[field].allowed_callers or outcome == "nothing":
            assert not codes, (kind, answer)
        elif root == "Query":
            assert (codes, result) == ({"FORBIDDEN"}, None), (kind, answer)
        else:
            # `approvePlans` refuses plan by plan
            assert result["__typename"] in {"Rejection", "PlanRejection", "ApprovePlansPayload"}
            assert not codes, (kind, answer)
        if name in _admin_fields() and kind in PEOPLE - {"admin"}:
            assert outcome == "actor.not_admin", (kind, answer)


@pytest.mark.timeout(600)
async def test_every_endpoint_of_identity_is_open_only_to_the_listed_callers(
    own_registry: Database, environment: Environment
) -> None:
    headers_by_caller, table = await sign_in_callers(environment, own_registry), dict[str, dict[str, str]]()
    admin, second = await environment.sign_in(ADMIN), await environment.sign_in(SECOND)
    client = (await _post(environment, admin, "/admin/clients", CLIENT))["client_id"]
    nationwide = {**CLIENT, "within": {"nationwide": True}, **REASON}
    open_, approved = [
        (await _post(environment, person, "/admin/clients", nationwide))["request"]["id"]
        for person in (second, admin)
    ]
    await _post(environment, second, f"/admin/clients/requests/{approved}/approve", REASON)
    async with environment.identity.get("/admin/clients", headers=admin.headers) as response:
        account = (await response.json())["clients"][0]["registered_by"].removeprefix("account:")
    ids = {
        "ptk_id": ptk(PNS),
        "account_id": account,
        "npsn": SD,
        "id": client,
        "open": open_,
        "approved": approved,
    }
    assert _endpoints(own_registry) == {
        re.sub("{(open|approved)}", "{id}", endpoint) for endpoint in ENDPOINTS
    }
    async with open_snapshot(own_registry) as rows:
        await rows.save("scene")
        for endpoint, (_, body) in ENDPOINTS.items():
            place = endpoint.format(**ids)
            table[endpoint] = {
                kind: await _send_to_identity(environment, rows, place, body, headers)
                for kind, headers in headers_by_caller.items()
            }
    print("\n" + format_table("identity", table))  # noqa: T201 - what this test shows
    for endpoint, (open_to, _) in ENDPOINTS.items():
        assert {kind for kind, outcome in table[endpoint].items() if outcome == "ok"} == set(open_to), (
            endpoint
        )


async def _post(environment: Environment, person: Client, path: str, body: object) -> dict[str, Any]:
    async with environment.identity.post(path, json=body, headers=person.headers) as response:
        assert response.status < 300
        return dict(await response.json())


async def _send_request(
    environment: Environment,
    rows: DatabaseSnapshot,
    request: RootFieldRequest,
    variables: Mapping[str, Any],
    headers: Headers,
) -> Answer:
    """Send a request and undo it. Checks that a refused request changes nothing."""
    arguments = {"input": {**request.variables["input"], **variables}} if "input" in request.variables else {}
    before = await rows.digest()
    document = request.document.replace("$ID", str(variables.get("id")))
    status, answer = await Client(environment.planning, headers).post(
        {"query": document, "variables": arguments}
    )
    if await rows.digest() != before:
        assert outcome_code(status, answer) == "ok", (request.document, answer)
        await rows.restore("scene")
    return Answer(status, answer)


async def _send_to_identity(
    environment: Environment, rows: DatabaseSnapshot, place: str, body: object, headers: Headers
) -> str:
    method, path = place.split()
    before = await rows.digest()
    body_arguments = {"data": body} if isinstance(body, str) else {"json": body}
    request_headers = {**headers, "content-type": FORM} if isinstance(body, str) else headers
    async with environment.identity.request(
        method, path, headers=request_headers, **body_arguments
    ) as response:
        problems = (await response.json()).get("problems") if response.status >= 400 else None
    outcome = problems[0]["code"] if problems else "ok"
    if await rows.digest() != before:
        assert outcome == "ok", (method, path, outcome)
        await rows.restore("scene")
    return str(outcome)


@cache
def _admin_fields() -> frozenset[str]:
    """Return the root fields that the SDL tags as for admins."""
    roots = [
        definition
        for definition in parse(sdl()).definitions
        if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value in {"Query", "Mutation"}
    ]
    fields = [field for root in roots for field in root.fields or () if field.directives]
    assert fields
    return frozenset(field.name.value for field in fields)


def _root_fields() -> set[str]:
    schema = build_schema()._schema
    roots = filter(None, (schema.query_type, schema.mutation_type, schema.subscription_type))
    return {f"{root.name}.{field}" for root in roots for field in root.fields}


def _endpoints(database: Database) -> set[str]:
    app = create_app(IdentitySettings(env="dev"), database)
    routes = [route for route in app.routes if isinstance(route, Route)]
    assert len(routes) == len(app.routes), "a mount has its own routes"
    return {
        f"{method} {route.path}"
        for route in routes
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
