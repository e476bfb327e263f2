"""The number of SQL statements of each operation."""

from __future__ import annotations

import uuid
from typing import Any

from services.kit.database import Database
from services.planning.api.ids import workflow_version_id
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    JANUARY,
    Client,
    Environment,
    connect_database,
    environment_at,
)
from tests.integration.planning.plans import INDIKATOR, NO_TUGAS, PERILAKU, RHK
from tests.integration.planning.review import COMMENT, FORTY_TEACHERS, approve_plans, submit_forty_plans
from tests.integration.planning.revisions import (
    PERIOD_QUERY,
    SECOND_ADMIN,
    appoint_admins,
    close_proposal,
    propose,
)
from tests.integration.planning.statements import StatementCounter
from tests.integration.planning.workflow_versions import OTHER_DEFINITION, mutate_version, shipped_with
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS, SD, fill_registry, import_more_teachers

QUEUE_QUERY = """{ reviewQueue { counts { planCount } arrivingCount earlierPeriodCount
  edges { isArriving commentCount node { id state { phase } owner { nama } currentSatuanPendidikan { npsn }
    satuanPendidikan { nama } } } } }"""
HEADSHIPS_QUERY = "{ viewer { headships { kind reviewQueue { earlierPeriodCount nodes { id version } } } } }"
KEY = "0190f0a0-7b1e-7000-8000-00000000000{}"
FAILURE = "... on Failure { problems { code } }"


async def _fifty_colleagues(environment: Environment) -> None:
    """Insert fifty more plans with their events at the same school."""
    for _ in range(50):
        ptk_id = uuid.uuid4()
        await environment.sql(
            "INSERT INTO plan SELECT $1, period, npsn, school, workflow, catalog, state, version, last_hash, tab, "
            "profile, content, updated_at, submitted_at, revision_due, note, reopened_at FROM plan LIMIT 1", ptk_id,
        )  # fmt: skip
        await environment.sql(
            "INSERT INTO plan_event SELECT $1, period, version, gen_random_uuid(), kind, to_state, at, hash, body "
            "FROM plan_event WHERE version = 1 LIMIT 1", ptk_id,
        )  # fmt: skip


def _pattern(statements_sent: list[str]) -> str:
    """Return a letter for each statement: W writes, r reads, a BEGIN included."""
    return "".join("W" if "INSERT" in query or "UPDATE" in query else "r" for query in statements_sent)


async def _walk(
    counter: StatementCounter, environment: Environment, teacher: Client, head: Client
) -> dict[str, str]:
    """Run the process with keys, and return the statements of each operation.."""
    patterns: dict[str, str] = {}

    async def ask(name: str, person: Client, query: str, **variables: Any) -> None:
        with counter.counting() as statements_sent:
            await person.execute(query, **variables)
        patterns[name] = _pattern(statements_sent)

    async def do(person: Client, mutation: str, version: int, *, name: str = "", **arguments: Any) -> None:
        kind = mutation[0].upper() + mutation[1:]
        query = (
            f"mutation M($input: {kind}Input!) {{ {mutation}(input: $input) {{ __typename "
            f"... on {kind}Payload {{ plan {{ id version }} }} {FAILURE} }} }}"
        )
        key = {"idempotencyKey": KEY.format(version)}
        whole = {"planId": teacher.plan_id, "expectedVersion": version, **key, **arguments}
        with counter.counting() as statements_sent:
            answer = (await person.execute(query, input=whole))[mutation]
        assert answer["__typename"] == f"{kind}Payload", answer
        patterns[name or mutation] = _pattern(statements_sent)

    start = f"mutation {{ startPlan(input: {{}}) {{ ... on StartPlanPayload {{ plan {{ id version }} }} {FAILURE} }} }}"
    await ask(
        "viewer, no plan yet", teacher, "{ viewer { nama planningEligibility { isAllowed } plan { id } } }"
    )
    await ask("startPlan", teacher, start)
    await ask("startPlan again", teacher, start)
    await do(teacher, "confirmProfile", 1)
    await do(teacher, "correctProfile", 2, ruang="d")
    await do(teacher, "savePraktikKinerja", 3, **INDIKATOR, then="NEXT")
    await do(teacher, "savePengembanganKompetensi", 4, **RHK, then="NEXT")
    await do(teacher, "saveTugasTambahan", 5, **NO_TUGAS, then="NEXT")
    await do(teacher, "savePerilakuKerja", 6, **PERILAKU, then="NEXT")
    await do(teacher, "submitPlan", 7)
    await ask("reviewQueue", head, QUEUE_QUERY)
    await ask("headships", head, HEADSHIPS_QUERY)
    await do(head, "returnPlan", 8, note="Mohon lengkapi.")
    await do(teacher, "submitPlan", 9)
    await do(teacher, "submitPlan", 9, name="submitPlan, repeated")
    await do(head, "approvePlan", 10)
    await ask(
        "plan",
        teacher,
        "query Q($id: ID!) { plan(id: $id) { version content { praktikKinerja } "
        "rangkuman { poin } catalog { praktikKinerja { code } } incompleteParts { code } } }",
        id=teacher.plan_id,
    )
    await ask("plan with its buttons", teacher, "query Q($id: ID!) { plan(id: $id) { availableTransitions "
              "{ trigger } } }", id=teacher.plan_id)  # fmt: skip
    await ask("plan with its turn and its buttons", head, "query Q($id: ID!) { plan(id: $id) { turn { closesOn } "
              "availableTransitions { trigger } } }", id=teacher.plan_id)  # fmt: skip
    await ask("plan with its history", teacher, "query Q($id: ID!) { plan(id: $id) { history { edges { node "
              "{ sentence } } } } }", id=teacher.plan_id)  # fmt: skip
    await ask("viewer", teacher, "{ viewer { nama planningEligibility { isAllowed } plan { id version } } }")
    for who, person in (("owner", teacher), ("head", head)):
        arguments = {"planId": teacher.plan_id, "text": "Baik.", "idempotencyKey": KEY.format(0)}
        await ask(f"commentOnPlan by the {who}", person, COMMENT, input=arguments)
    await ask("commentOnPlan, repeated", teacher, COMMENT, input=arguments)
    for field in ("comments { totalCount edges { node { text author { nama } } } }",
                  "changesSinceLastSubmission { before after }"):  # fmt: skip
        query = f"query Q($id: ID!) {{ plan(id: $id) {{ {field} }} }}"
        await ask(f"plan with {field.split()[0]}", head, query, id=teacher.plan_id)
    await do(teacher, "beginImplementation", 11)
    await do(await environment.sign_in(ADMIN), "reopenPlan", 12, reason="Indikator keliru.")
    await ask("viewer of a head", head, "{ viewer { banners { code } plan { id } } }")
    for field in (
        "turn { sentence }",
        "currentSatuanPendidikan { npsn }",
        "perilakuKerjaSebelumnya { opsi }",
    ):
        query = f"query Q($id: ID!) {{ plan(id: $id) {{ {field} }} }}"
        await ask(f"draft with {field.split()[0]}", teacher, query, id=teacher.plan_id)
    await ask("plans of all periods", teacher, "{ viewer { plans { nodes { id } } } }")
    await ask("plan of a period", teacher, '{ viewer { plan(period: "2024-1") { id } } }')
    return patterns


# r reads, W writes. A command reads its key, the plan and, for a draft, the period. A transition also reads the
# confirmation of the Plt. A comment takes a lock in a transaction: BEGIN, the lock and COMMIT count as reads.
EXPECTED_PATTERNS = {
    "viewer, no plan yet": "rr",
    "viewer": "rr",
    "startPlan": "rrrrWr",  # the plan of an earlier period, for the jenjang jabatan that the teacher gave
    "startPlan again": "rrr",
    "confirmProfile": "rrWr",
    "correctProfile": "rrrWr",
    "savePraktikKinerja": "rrrWr",
    "savePengembanganKompetensi": "rrrWr",
    "saveTugasTambahan": "rrrWr",
    "savePerilakuKerja": "rrrWr",
    "submitPlan": "rrrrW",
    "submitPlan, repeated": "rrr",
    "reviewQueue": "rrrr",
    "headships": "rrrrrr",
    "plans of all periods": "rrr",
    "plan of a period": "rr",
    "returnPlan": "rrrrWr",
    "approvePlan": "rrrrW",
    "beginImplementation": "rrrrW",
    "commentOnPlan by the owner": "rrrrWr",
    "commentOnPlan by the head": "rrrrrrWr",
    "commentOnPlan, repeated": "rrr",
    "plan with comments": "rr",
    "plan with changesSinceLastSubmission": "rr",
    "reopenPlan": "rrrrWr",
    "viewer of a head": "rrr",
    "draft with turn": "rrrr",
    "draft with currentSatuanPendidikan": "rrr",
    "draft with perilakuKerjaSebelumnya": "rr",
    "plan": "r",
    "plan with its buttons": "rrr",
    "plan with its turn and its buttons": "rrr",
    "plan with its history": "rr",
}


async def test_number_of_statements_of_each_operation(
    registry: Database, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    counter, database = counter_and_database
    async with environment_at(registry, database, JANUARY) as environment:
        teacher, head = await environment.sign_in(PNS), await environment.sign_in(HEAD_OF_SD)
        await teacher.execute(
            "{ catalog(jenjang: SD) { jenjang } }"
        )  # what never changes is kept from now on
        alone = await _walk(counter, environment, teacher, head)
        await _fifty_colleagues(environment)
        assert len(await environment.sql("SELECT FROM plan WHERE npsn = $1", SD)) == 51
        await environment.sql("DELETE FROM command_key WHERE ptk_id = $1", uuid.UUID(teacher.ptk_id))
        for table in ("plan_timer", "plan_comment", "plan_text", "plan_event", "plan"):
            await environment.sql(f"DELETE FROM {table} WHERE ptk_id = $1", uuid.UUID(teacher.ptk_id))
        assert await _walk(counter, environment, teacher, head) == alone
    assert alone == EXPECTED_PATTERNS


async def test_forty_plans_are_approved_with_the_statements_of_one(
    fresh_url: Fresh, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    """The reads are the keys, the plans, the period and the confirmations. One statement stores all plans."""
    counter, database = counter_and_database
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        with registry.active():
            await import_more_teachers(FORTY_TEACHERS, JANUARY)
        async with environment_at(registry, database, JANUARY) as environment:
            ids, head = await submit_forty_plans(environment), await environment.sign_in(HEAD_OF_SD)
            patterns: list[str] = []
            for wanted in (ids[:1], ids[1:], ids[1:], ids):
                with counter.counting() as statements_sent:
                    answer = await approve_plans(
                        head, *((one, 7) for one in wanted), idempotencyKey=KEY.format(len(patterns))
                    )
                    assert len(answer["results"]) == len(wanted)
                patterns.append(_pattern(statements_sent))
    assert patterns == ["rrrrW", "rrrrW", "rrrr", "rrrr"]


async def test_numbers_are_counted_in_one_transaction(
    registry: Database, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    """BEGIN, the isolation level and COMMIT count; setting `jit` does not. A list costs one more statement."""
    counter, database = counter_and_database
    query = "{{ planStatistics {{ planCount states {{ planCount }} {} }} }}"
    lists = (
        "schools: areas(level: SATUAN_PENDIDIKAN) { nodes { satuanPendidikan { npsn } } } "
        "regions: areas(level: PROVINSI) { nodes { planCount } }"
    )
    async with environment_at(registry, database, JANUARY) as environment:
        admin = await environment.sign_in(ADMIN)
        await (await environment.sign_in(PNS)).start_plan()
        await admin.execute(query.format(lists))  # what never changes is kept from now on
        for fields_query, statements in (("", 7), (lists, 9)):
            with counter.counting() as statements_sent:
                await admin.execute(query.format(fields_query))
            assert _pattern(statements_sent) == "r" * statements
            assert sum("BEGIN" in statement for statement in statements_sent) == 1


async def test_number_of_statements_of_period_commands(
    fresh_url: Fresh, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    """BEGIN, locks and COMMIT count as reads. The answer loads the period twice: for its changes and for staleness."""
    counter, database = counter_and_database
    patterns: list[str] = []
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        await appoint_admins(registry)
        async with environment_at(registry, database, JANUARY) as environment:
            author, approver = await environment.sign_in(ADMIN), await environment.sign_in(SECOND_ADMIN)
            await author.execute(PERIOD_QUERY)  # what never changes is kept from now on
            for days in (20, 21, 22, 23):
                with counter.counting() as statements_sent:
                    proposal = await propose(author, revision_days={"int": days})
                patterns.append(_pattern(statements_sent))
            for act in ("approveChangeRequest", "approveChangeRequest", "withdrawChangeRequest"):
                with counter.counting() as statements_sent:
                    await close_proposal(approver, act, proposal)
                patterns.append(_pattern(statements_sent))
            with counter.counting() as statements_sent:
                await author.execute(PERIOD_QUERY)
            patterns.append(_pattern(statements_sent))
    # An approval is stored with its act, executed between SAVEPOINT and RELEASE, and stored as executed.
    approved, replay, refusal = "rrrrrrrWrrWrWrr", "rrrrrrr", "rrrrrr"
    assert patterns == [*["rrrrWrrrrr"] * 4, approved, replay, refusal, "rrrrr"]


ASKING_FOR_STARS = shipped_with(
    "params:\n", "params:\n  stars:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
)


async def test_number_of_statements_of_version_commands(
    fresh_url: Fresh, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    counter, database = counter_and_database
    patterns: dict[str, str] = {}
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        await appoint_admins(registry)
        async with environment_at(registry, database, JANUARY) as environment:
            author = await environment.sign_in(ADMIN)

            async def does(admin: str, label: str, name: str = "", **arguments: object) -> str:
                with counter.counting() as statements_sent:
                    answer = await mutate_version(environment, admin, label, **arguments)
                patterns[name or label] = _pattern(statements_sent)
                return str(answer.get("sha256", answer))

            async def reads(name: str, query: str) -> None:
                with counter.counting() as statements_sent:
                    await author.execute(query)
                patterns[name] = _pattern(statements_sent)

            sha256 = (await author.execute("{ workflowVersion { sha256 } }"))["workflowVersion"]["sha256"]
            sha = await does(ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION)
            await does(ADMIN, "proposeWorkflowVersion", "the same again", yaml=OTHER_DEFINITION)
            await does(ADMIN, "proposeWorkflowVersion", "an unsound one", yaml="format: 1")
            await does(ADMIN, "approveWorkflowVersion", "one's own", sha256=sha)
            await does(SECOND_ADMIN, "approveWorkflowVersion", sha256=sha)
            await does(ADMIN, "publishWorkflowVersion", sha256=sha)
            await does(SECOND_ADMIN, "retireWorkflowVersion", sha256=sha256)
            await does(ADMIN, "proposeWorkflowVersion", "another", yaml=ASKING_FOR_STARS)
            await reads(
                "version", "{ workflowVersion { status yaml diagram acts { reason } basedOn { label } } }"
            )
            await reads(
                "version with a diff and counts",
                f'{{ workflowVersion {{ diff(toId: "{workflow_version_id(sha256)}") {{ severity }} '
                'planCounts { planCount } diagram(period: "2024-1") } }',
            )
            await reads(
                "versions",
                "{ workflowVersions { nodes { status basedOn { status } planCounts { planCount } } } }",
            )
            for days in (2, 3):
                with counter.counting() as statements_sent:
                    await propose(author, stars={"int": days})
                patterns[f"a value to come, proposed {days}"] = _pattern(statements_sent)
    assert patterns == OF_VERSIONS


# The lock, the acts of the name, the change request and COMMIT are reads too, and publishing also sets a savepoint.
# The answer to an act is its version, in two, and the version that it is based on, in two more. Publishing loads the
# periods that it is checked against. A value that no published version declares costs the acts, when it is judged and
# when it is shown, and two versions that this process has not loaded yet, once.
OF_VERSIONS = {
    "proposeWorkflowVersion": "rrrWrWrrrrr",
    "the same again": "rrrrrrrr",
    "an unsound one": "",
    "one's own": "rrrrrr",
    "approveWorkflowVersion": "rrrrrWrrrrr",
    "publishWorkflowVersion": "rrrrrrrrrrrrWrrrrr",
    "retireWorkflowVersion": "rrrrWrrr",
    "another": "rrrWrWrrrrr",
    "version": "rrrr",
    "version with a diff and counts": "rrrrr",
    "versions": "rrrrr",
    "a value to come, proposed 2": "rrrrrrrWrrrrrrr",
    "a value to come, proposed 3": "rrrrrWrrrrrrr",
}
