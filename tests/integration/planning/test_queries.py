"""How many statements each operation sends, exactly: constant, small, and a command writes with one of them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.composing import INDIKATOR, NO_TUGAS, PERILAKU, RHK
from tests.integration.planning.house import JANUARY, House, Person, house_at, import_reference
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS, SD

KEY = "0190f0a0-7b1e-7000-8000-00000000000{}"
SMALL_PLAN = "... on Plan { id version } ... on Refused { problems { code } }"


class Counted:
    """Planning's database with a listener on each of its connections."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def listen(self, connection: asyncpg.Connection) -> None:
        connection.add_query_logger(self._heard)

    async def _heard(self, record: Any) -> None:
        if "registry_answer" not in record.query:  # written behind the requests, every few seconds
            self.sent.append(" ".join(record.query.split()))

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        self.sent = []
        yield self.sent


@pytest.fixture
async def counted(fresh_url: Fresh) -> AsyncIterator[tuple[Counted, Database]]:
    counter, database = Counted(), Database(await fresh_url("services.planning"), "services.planning")
    database.config["connections"]["default"]["credentials"]["init"] = counter.listen
    await database.connect()
    await import_reference(database)
    yield counter, database
    await database.close()


async def _fifty_colleagues(house: House) -> None:
    """Fifty more plans at the same school, with their events."""
    for _ in range(50):
        ptk_id = uuid.uuid4()
        await house.sql(
            "INSERT INTO plan SELECT $1, period, npsn, school, workflow, catalog, state, version, last_hash, tab, "
            "profile, content, updated_at, submitted_at, revision_due, note, reopened_at FROM plan LIMIT 1", ptk_id,
        )  # fmt: skip
        await house.sql(
            "INSERT INTO plan_event SELECT $1, period, version, gen_random_uuid(), kind, \"to\", at, hash, body "
            "FROM plan_event WHERE version = 1 LIMIT 1", ptk_id,
        )  # fmt: skip


def _pattern(sent: list[str]) -> str:
    """Each statement by whether it reads or writes; nothing else is sent, no BEGIN and no COMMIT either."""
    return "".join("W" if "INSERT" in query or "UPDATE" in query else "r" for query in sent)


async def _walk(counter: Counted, house: House, teacher: Person, head: Person) -> dict[str, str]:
    """The whole course with keys, and what each operation sent. Small answers: what is asked for is read too."""
    seen: dict[str, str] = {}

    async def ask(name: str, person: Person, query: str, **variables: Any) -> None:
        with counter.counting() as sent:
            await person.ask(query, **variables)
        seen[name] = _pattern(sent)

    async def do(
        person: Person, mutation: str, kind: str, version: int, *, name: str = "", **given: Any
    ) -> None:
        query = (
            f"mutation M($input: {kind}Input!) {{ {mutation}(input: $input) {{ __typename {SMALL_PLAN} }} }}"
        )
        key = {"idempotencyKey": KEY.format(version)}
        whole = {"planId": teacher.plan_id, "expectedVersion": version, **key, **given}
        with counter.counting() as sent:
            answer = (await person.ask(query, input=whole))[mutation]
        assert answer["__typename"] == "Plan", answer
        seen[name or mutation] = _pattern(sent)

    start = f"mutation {{ startPlan(input: {{}}) {{ {SMALL_PLAN} }} }}"
    await ask("viewer, no plan yet", teacher, "{ viewer { nama mayPlan { allowed } plan { id } } }")
    await ask("startPlan", teacher, start)
    await ask("startPlan again", teacher, start)
    await do(teacher, "confirmProfile", "ConfirmProfile", 1)
    await do(teacher, "correctProfile", "CorrectProfile", 2, ruang="d")
    await do(teacher, "savePraktikKinerja", "SavePraktikKinerja", 3, **INDIKATOR, then="NEXT")
    await do(teacher, "savePengembanganKompetensi", "SavePengembanganKompetensi", 4, **RHK, then="NEXT")
    await do(teacher, "saveTugasTambahan", "SaveTugasTambahan", 5, **NO_TUGAS, then="NEXT")
    await do(teacher, "savePerilakuKerja", "SavePerilakuKerja", 6, **PERILAKU, then="NEXT")
    await do(teacher, "submitPlan", "Transition", 7)
    await ask("reviewQueue", head, "{ reviewQueue { counts { plans } edges { node { id nama } } } }")
    await do(head, "returnPlan", "ReturnPlan", 8, note="Mohon lengkapi.")
    await do(teacher, "submitPlan", "Transition", 9)
    await do(teacher, "submitPlan", "Transition", 9, name="submitPlan, repeated")
    await do(head, "approvePlan", "Transition", 10)
    await ask(
        "plan",
        teacher,
        "query Q($id: ID!) { plan(id: $id) { version content { praktikKinerja } "
        "rangkuman { poin } choices { praktikKinerja { code } } incomplete { code } } }",
        id=teacher.plan_id,
    )
    await ask("plan with its buttons", teacher, "query Q($id: ID!) { plan(id: $id) { availableTransitions "
              "{ trigger } } }", id=teacher.plan_id)  # fmt: skip
    await ask("plan with its history", teacher, "query Q($id: ID!) { plan(id: $id) { history { edges { node "
              "{ sentence } } } } }", id=teacher.plan_id)  # fmt: skip
    await ask("viewer", teacher, "{ viewer { nama mayPlan { allowed } plan { id version } } }")
    await do(teacher, "beginImplementation", "Transition", 11)
    await do(await house.person(ADMIN), "reopenPlan", "ReopenPlan", 12, reason="Indikator keliru.")
    await ask("viewer of a head", head, "{ viewer { banners { code } plan { id } } }")
    for field in ("turn { sentence }", "movedTo", "perilakuKerjaSebelumnya { opsi }"):
        query = f"query Q($id: ID!) {{ plan(id: $id) {{ {field} }} }}"
        await ask(f"draft with {field.split()[0]}", teacher, query, id=teacher.plan_id)
    return seen


# r reads, W writes. Before it writes, a command reads its key, the plan and, where it judges or shows a draft, the
# period; a transition reads whether the Plt has confirmed, too.
EXPECTED = {
    "viewer, no plan yet": "rr",
    "viewer": "rr",
    "startPlan": "rrrWr",
    "startPlan again": "rrr",
    "confirmProfile": "rrWr",
    "correctProfile": "rrrWr",
    "savePraktikKinerja": "rrrWr",
    "savePengembanganKompetensi": "rrrWr",
    "saveTugasTambahan": "rrrWr",
    "savePerilakuKerja": "rrrWr",
    "submitPlan": "rrrrW",
    "submitPlan, repeated": "rrr",
    "reviewQueue": "rrr",
    "returnPlan": "rrrrWr",
    "approvePlan": "rrrrW",
    "beginImplementation": "rrrrW",
    "reopenPlan": "rrrrWr",
    "viewer of a head": "rrr",
    "draft with turn": "rrrr",
    "draft with movedTo": "rrr",
    "draft with perilakuKerjaSebelumnya": "rr",
    "plan": "r",
    "plan with its buttons": "rrr",
    "plan with its history": "rr",
}


async def test_each_operation_sends_as_many_statements_as_this_whatever_the_school_has(
    registry: Database, counted: tuple[Counted, Database]
) -> None:
    counter, database = counted
    async with house_at(registry, database, JANUARY) as house:
        teacher, head = await house.person(PNS), await house.person(HEAD_OF_SD)
        await teacher.ask('{ catalog(jenjang: "SD") { jenjang } }')  # what never changes is kept from now on
        alone = await _walk(counter, house, teacher, head)
        await _fifty_colleagues(house)
        assert len(await house.sql("SELECT FROM plan WHERE npsn = $1", SD)) == 51
        await house.sql("DELETE FROM command_key WHERE ptk_id = $1", uuid.UUID(teacher.ptk_id))
        for table in ("plan_text", "plan_event", "plan"):
            await house.sql(f"DELETE FROM {table} WHERE ptk_id = $1", uuid.UUID(teacher.ptk_id))
        assert await _walk(counter, house, teacher, head) == alone
    assert alone == EXPECTED
