"""Both services over real HTTP on real databases, at a time of the test's choosing; and a small GraphQL client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg

from services.identity.app import create_app as create_identity
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.api.ids import plan_id
from services.planning.app import create_app as create_planning
from services.planning.reference_data import store_shipped_workflow
from services.planning.settings import PlanningSettings
from tests.identity_samples import ptk
from tests.integration.planning.imports import import_catalog, import_period
from tests.serving import serving
from tests.small_registry import email_of
from tests.unit.planning.reference import CATALOG, PERIOD

JANUARY = datetime(2024, 1, 15, 2, tzinfo=UTC)
ISSUER = "http://identity.test"
PERIOD_CODE = "2024-1"
TABLES = (
    "plan", "plan_event", "plan_text", "plan_comment", "moved_teacher", "command_key", "plt_confirmation",
    "plan_timer", "notification", "notification_read",
)  # fmt: skip

Input = Mapping[str, Any]

PROBLEM_FIELDS = """
fragment FailureFields on Failure {
  problems {
    code message inputPath planPath isAcknowledgeable whoCanFix expectedVersion currentVersion retryAfterSeconds
    finding { location line column witness }
  }
  ... on PlanRejection { currentPlan { id version } }
}
"""
PLAN_FIELDS = """
fragment Whole on Plan {
  id version period { code } tab updatedAt submittedAt revisionDueOn note
  state { name label phase } satuanPendidikan { npsn nama jenjang zone }
  profile {
    nama { value source asOf } nip { value } pangkatGolongan { value source } jenjangJabatan { value source }
    statusKepegawaian { value } jenisPtk { value } nuptk { value } satuanPendidikan { value source asOf }
    confirmedAt correctedAt editableFields askedFields
  }
  content { praktikKinerja pengembanganKompetensi tugasTambahan { code nomorSk tanggalSk }
    perilakuKerja { aspek opsi } }
  incompleteParts { code planPath message }
  rangkuman { poin rhk { code label poin bukti pengunggah otomatis } }
}
"""


def mutation_document(mutation: str) -> str:
    """A mutation that asks for the whole plan, or every reason why not."""
    return payload_document(mutation, "replayed plan { ...Whole }") + PLAN_FIELDS + PROBLEM_FIELDS


def payload_document(mutation: str, fields: str) -> str:
    """A mutation that asks for these fields of its payload, or for `FailureFields`."""
    name = mutation[0].upper() + mutation[1:]
    return (
        f"mutation M($input: {name}Input!) {{ answer: {mutation}(input: $input) {{ __typename\n"
        f"... on {name}Payload {{ {fields} }} ...FailureFields }} }}"
    )


@dataclass(frozen=True)
class Client:
    """One caller's way to planning. Every answer is what came over the wire."""

    session: aiohttp.ClientSession
    headers: Mapping[str, str]
    ptk_id: str | None = None

    @property
    def plan_id(self) -> str:
        assert self.ptk_id is not None
        return plan_id(self.ptk_id, PERIOD_CODE)

    async def post(self, body: object, language: str = "id", **headers: str) -> tuple[int, dict[str, Any]]:
        content = body if isinstance(body, bytes) else json.dumps(body)
        headers_sent = {
            "accept": "application/graphql-response+json", "content-type": "application/json",
            "accept-language": language, **self.headers, **headers,
        }  # fmt: skip
        async with self.session.post("/graphql", data=content, headers=headers_sent) as response:
            return response.status, json.loads(await response.read())

    async def execute(self, query: str, /, language: str = "id", **variables: object) -> dict[str, Any]:
        """The data; an error at the top fails the test."""
        status, answer = await self.post({"query": query, "variables": variables}, language)
        assert (status, answer.get("errors")) == (200, None), answer
        return dict(answer["data"])

    async def mutate(self, mutation: str, input: Input, /, language: str = "id") -> dict[str, Any]:
        """The plan with `replayed`, or the rejection."""
        answer = (await self.execute(mutation_document(mutation), language, input=input))["answer"]
        return join_payload(answer)

    async def mutate_plan(
        self, mutation: str, version: int | None = None, /, **given: object
    ) -> dict[str, Any]:
        """The plan after a mutation at a version (by default the current one), which must succeed."""
        version = version or (await self.load_plan())["version"]
        answer = await self.mutate(mutation, {"planId": self.plan_id, "expectedVersion": version, **given})
        return expect_plan(answer)

    async def expect_refusal(self, mutation: str, version: int, /, **given: object) -> list[str]:
        """The codes that a mutation on the own plan is refused with."""
        answer = await self.mutate(mutation, {"planId": self.plan_id, "expectedVersion": version, **given})
        return problem_codes(answer)

    async def start_plan(self) -> dict[str, Any]:
        answer = await self.mutate("startPlan", {})
        return expect_plan(answer)

    async def load_plan(self, plan_id: str | None = None) -> dict[str, Any]:
        query = "query Q($id: ID!) { plan(id: $id) { ...Whole } }" + PLAN_FIELDS
        plan = (await self.execute(query, id=plan_id or self.plan_id))["plan"]
        assert plan is not None
        return dict(plan)


def expect_plan(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that a mutation answered with, as a question would show it."""
    assert answer["__typename"].endswith("Payload"), answer
    return {name: value for name, value in answer.items() if name not in {"__typename", "replayed"}}


def join_payload(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The object in a payload together with `replayed` and the payload's type; a rejection as it is."""
    objects = [value for value in answer.values() if isinstance(value, dict)]
    if not answer["__typename"].endswith("Payload") or len(objects) != 1:
        return dict(answer)
    return {name: value for name, value in answer.items() if not isinstance(value, dict)} | objects[0]


def problem_codes(answer: Mapping[str, Any]) -> list[str]:
    """The codes of a refusal."""
    assert answer["__typename"].endswith("Rejection"), answer
    return [problem["code"] for problem in answer["problems"]]


def problem_path(problem: Mapping[str, Any]) -> str:
    """Where a problem is: `input.reason`, or a part of the plan such as `content.praktikKinerja`."""
    path = ["input", *problem["inputPath"]] if problem["inputPath"] else problem["planPath"]
    return ".".join(path or [])


@dataclass
class Environment:
    """Identity and planning at one instant. `people` keeps tokens, so that a person signs in once."""

    now: datetime
    identity: aiohttp.ClientSession
    planning: aiohttp.ClientSession
    database: Database
    clients: dict[str, Client] = field(default_factory=dict)

    async def sign_in(self, user: int | str) -> Client:
        """A teacher by number, or anybody by address, signed in."""
        email = email_of(user) if isinstance(user, int) else user
        if email not in self.clients:
            async with self.identity.post("/dev/token", json={"email": email}) as response:
                answer = await response.json()
                assert response.status == 200, answer
            headers = {"authorization": f"Bearer {answer['access_token']}"}
            self.clients[email] = Client(
                self.planning, headers, str(ptk(user)) if isinstance(user, int) else None
            )
        return self.clients[email]

    def anonymous(self) -> Client:
        """A caller who has not signed in."""
        return Client(self.planning, {})

    async def sql(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Look into planning's database, past the service."""
        return await sql(self.database, statement, *values)

    async def dump_tables(self) -> dict[str, list[str]]:
        """All that commands write, to the letter."""
        queries = (f"SELECT '{table}' AS name, t::text AS row FROM {table} t" for table in TABLES)
        dump: dict[str, list[str]] = {table: [] for table in TABLES}
        for row in await self.sql(" UNION ALL ".join(queries) + " ORDER BY row"):
            dump[row["name"]].append(row["row"])
        return dump


# A connection costs more than most statements: one for each open database, which waits for its next statement.
open_databases: set[Database] = set()
idle_connections: dict[Database, asyncpg.Connection] = {}


async def sql(database: Database, statement: str, *values: object) -> list[dict[str, Any]]:
    connection = idle_connections.pop(database, None)
    if connection is None or connection.is_closed():
        connection = await asyncpg.connect(database.dsn)
    try:
        return [dict(row) for row in await connection.fetch(statement, *values)]
    finally:
        if database in open_databases and database not in idle_connections:
            idle_connections[database] = connection
        else:
            await connection.close()


@asynccontextmanager
async def environment_at(
    identity: Database, planning: Database, now: datetime = JANUARY
) -> AsyncIterator[Environment]:
    """Both services at an instant."""
    async with (
        identity_at(identity, now) as identity_session,
        planning_at(planning, now, str(identity_session._base_url)) as session,
    ):
        yield Environment(now, identity_session, session, planning)


@asynccontextmanager
async def identity_at(database: Database, now: datetime) -> AsyncIterator[aiohttp.ClientSession]:
    """Identity at an instant, and a client of it."""
    app = create_identity(IdentitySettings(env="dev", identity_issuer=ISSUER), database, Clock(now))
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


@asynccontextmanager
async def planning_at(
    database: Database, now: datetime, identity_url: str
) -> AsyncIterator[aiohttp.ClientSession]:
    """Planning at an instant, and a client of it."""
    settings = PlanningSettings(env="dev", now=now, identity_url=identity_url, identity_issuer=ISSUER)
    async with serving(create_planning(settings, database)) as url, aiohttp.ClientSession(url) as session:
        yield session


@asynccontextmanager
async def connect_database(url: str, package: str) -> AsyncIterator[Database]:
    """A service's database for the length of the body."""
    database = Database(url, package)
    await database.connect()
    open_databases.add(database)
    try:
        yield database
    finally:
        open_databases.remove(database)
        if connection := idle_connections.pop(database, None):
            await connection.close()
        await database.close()


async def import_reference_data(database: Database) -> None:
    """The shipped workflow, catalogue and period, as the commands import them."""
    with database.active():
        clock = Clock(datetime(2023, 12, 1, tzinfo=UTC))
        await store_shipped_workflow(clock, database.connection)
        await import_catalog(CATALOG.read_bytes(), clock)
        await import_period(PERIOD.read_bytes())
