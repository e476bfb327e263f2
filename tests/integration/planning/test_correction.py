"""An approved plan is corrected on its teacher's request, by a version that plans are moved to, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.audit import findings_of
from tests.integration.planning.composing import complete, decided, submitted
from tests.integration.planning.correcting import CORRECTING
from tests.integration.planning.house import House, Person, codes, connected, house_at
from tests.integration.planning.migrating import left, lives_by, moved, undone
from tests.integration.planning.publishing import SECOND, SHIPPED, approved, did
from tests.integration.planning.test_migrations import history
from tests.integration.planning.test_trials import counts, tried
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS, PPPK, import_registry

WHY = "Indikator keliru dipilih."


@pytest.fixture
async def house(fresh_url: Fresh, own: Database) -> AsyncIterator[House]:
    async with connected(await fresh_url("services.identity"), "services.identity") as admins:
        with admins.active():
            await import_registry()
        async with house_at(admins, own) as house:
            yield house


async def buttons(person: Person, plan: str) -> dict[str, bool]:
    """What somebody may press on a plan, and whether now."""
    query = "query Q($id: ID!) { plan(id: $id) { availableTransitions { trigger allowed } } }"
    told = (await person.ask(query, id=plan))["plan"]["availableTransitions"]
    return {one["trigger"]: one["allowed"] for one in told}


async def fired(house: House, who: int, plan: str, trigger: str, **given: object) -> dict[str, Any]:
    """What became of a plan by a trigger that an admin added."""
    person = await house.person(who)
    version = (await person.plan(plan))["version"]
    given = {"planId": plan, "expectedVersion": version, "trigger": trigger, **given}
    answer = await person.do("firePlanTransition", given)
    assert answer["__typename"] == "Plan", answer
    return answer


async def test_the_correction(house: House) -> None:
    """Issue: dry run, publish, migrate; corrected, decided again, told; undone, and who refuses."""
    teacher, superior = await submitted(house, PNS), await house.person(HEAD_OF_SD)
    before = await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    colleague = await submitted(house, COLLEAGUE)
    await decided(house, HEAD_OF_SD, colleague, "approvePlan")
    await complete(await house.person(PPPK))
    assert "requestCorrection" not in await buttons(teacher, teacher.plan_id)

    trial = await tried(house, CORRECTING)
    assert counts(trial) == {"same": 4}
    assert all(one["to"] == one["state"] for one in trial["touched"])
    sha = await approved(house, CORRECTING)
    await did(house, SECOND, "publishWorkflow", sha256=sha)
    migration = await moved(house, SHIPPED, sha)
    assert (migration["there"]["moved"], migration["there"]["refused"]) == (3, 0)

    assert (await buttons(teacher, teacher.plan_id))["requestCorrection"]
    given = {"planId": teacher.plan_id, "expectedVersion": 9, "trigger": "requestCorrection"}
    assert codes(await teacher.do("firePlanTransition", given)) == ["reason.missing"]
    assert codes(await superior.do("firePlanTransition", {**given, "reason": WHY})) == ["actor.not_owner"]
    asked = await fired(house, PNS, teacher.plan_id, "requestCorrection", reason=WHY)
    assert asked["state"] == {"name": "correction_requested", "label": "Koreksi diminta", "phase": "APPROVED"}
    opened = await fired(house, HEAD_OF_SD, teacher.plan_id, "grantCorrection")
    assert (opened["state"]["phase"], opened["revisionDue"]) == ("DRAFT", "2024-01-29")
    assert opened["content"] == before["content"]
    await teacher.done("savePraktikKinerja", indikator="PK-UBK", then="NEXT")
    await teacher.done("submitPlan")
    again = await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert (again["state"]["phase"], again["content"]["praktikKinerja"]) == ("APPROVED", "PK-UBK")

    told = await history(house, PNS, "en")
    assert [sentence.partition("WIB: ")[2] for sentence in told[:6]] == [
        "Guru Contoh 9, principal of SD NEGERI CONTOH 01, approved this plan.",
        "Guru Contoh 1 submitted this plan.",
        "Guru Contoh 1 saved the tab Praktik Kinerja.",
        "Guru Contoh 9, principal of SD NEGERI CONTOH 01, chose “Allow the correction”; state of the plan: Draft.",
        "Guru Contoh 1 chose “Ask for a correction”; state of the plan: Correction requested. "
        "Reason: “Indikator keliru dipilih”.",
        "an admin moved this plan to another version of its workflow; everything in it was kept, state of the plan: "
        "Approved. Reason: “Koreksi dimungkinkan”.",
    ]

    back = await undone(house, migration["id"])
    assert (back["back"]["moved"], back["back"]["refused"]) == (2, 1)
    (stayed,) = await left(house, migration["id"], back=True, language="en")
    assert stayed["planId"] == teacher.plan_id
    assert "(Ask for a correction, 15 January 2024" in stayed["problem"]["message"]
    assert sorted((workflow == sha, state) for workflow, state, _ in (await lives_by(house)).values()) == [
        (False, "approved"), (False, "draft"), (True, "approved"),
    ]  # fmt: skip
    assert "requestCorrection" not in await buttons(colleague, colleague.plan_id)
    assert "requestCorrection" in await buttons(teacher, teacher.plan_id)
    assert await findings_of(house) == []
