"""The way out in the text of a problem is one that is really possible then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import Environment, environment_at
from tests.integration.planning.plans import INDIKATOR, PERILAKU, decide_as_head, submit_plan
from tests.small_registry import HEAD_OF_SD, PNS

APRIL = datetime(2024, 4, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("is_approved", "way"),
    [
        (False, "memimpin sekolah) memilih “Minta perbaikan”."),
        (True, "Bila perlu diperbaiki, mohon hubungi helpdesk: admin dapat memilih “Buka kembali”."),
    ],
)
async def test_refused_edit_names_who_can_make_the_plan_editable(
    environment_of_own_database: Environment, is_approved: bool, way: str
) -> None:
    environment = environment_of_own_database
    person = await submit_plan(environment, PNS)
    if is_approved:
        await decide_as_head(environment, HEAD_OF_SD, person, "approvePlan")
    before = await environment.dump_tables()
    version = (await person.load_plan())["version"]
    arguments = {"planId": person.plan_id, "expectedVersion": version, **INDIKATOR}
    (problem,) = (await person.mutate("savePraktikKinerja", arguments))["problems"]
    assert problem["code"] == "plan.not_editable"
    assert way in problem["message"]
    assert await environment.dump_tables() == before


async def test_start_after_the_window_mentions_no_draft(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database, APRIL) as environment:
        person = await environment.sign_in(PNS)
        (problem,) = (await person.mutate("startPlan", {}))["problems"]
        assert problem["code"] == "window.closed"
        assert "draf" not in problem["message"].lower()
        assert "helpdesk" in problem["message"]


async def test_rangkuman_and_choices_are_in_the_order_of_berakhlak(
    environment_of_own_database: Environment,
) -> None:
    person = await environment_of_own_database.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1)
    await person.mutate_plan("savePerilakuKerja", 2, pilihan=PERILAKU["pilihan"][::-1])
    fields = "content { perilakuKerja { aspek } } rangkuman { perilakuKerja { aspek } }"
    query = f"query Q($id: ID!) {{ plan(id: $id) {{ {fields} }} }}"
    plan = (await person.execute(query, id=person.plan_id))["plan"]
    assert [row["aspek"] for row in plan["content"]["perilakuKerja"]] == [
        "BP", "AK", "KO", "HA", "LO", "AD", "KL",
    ]  # fmt: skip
    assert [row["aspek"] for row in plan["rangkuman"]["perilakuKerja"]] == [
        "Berorientasi Pelayanan", "Akuntabel", "Kompeten", "Harmonis", "Loyal", "Adaptif", "Kolaboratif",
    ]  # fmt: skip
