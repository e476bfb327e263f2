"""What tests of migrations share: ordering and undoing them over GraphQL, and a worker that works them off."""

from __future__ import annotations

from typing import Any

from services.planning.worker import open_tasks
from tests.integration.planning.following import settings_of
from tests.integration.planning.house import PROBLEMS, House
from tests.small_registry import ADMIN

WHY = "Koreksi dimungkinkan."
MIGRATION = """
fragment Course on Migration {
  id number from to period npsn status reason states { from to }
  by { kind isViewer } acts { act reason }
  there { plans moved refused endedAt } back { plans moved refused endedAt }
}
"""
LEFT = """
query Q($id: ID!, $back: Boolean!, $first: Int!, $after: String) {
  migration(id: $id) { refused(back: $back, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { planId satuanPendidikan { npsn nama } state { name } problem { code message } } }
  } }
}
"""


async def order(house: House, who: int | str, mutation: str, **given: object) -> dict[str, Any]:
    """What an order, or an act on one, was answered: the migration, or Refused."""
    kind = "MigratePlans" if mutation == "migratePlans" else "MigrationAct"
    fields = "{ __typename ...Course ...Told }"
    document = f"mutation M($input: {kind}Input!) {{ answer: {mutation}(input: $input) {fields} }}"
    given = {"reason": WHY} | given
    answer: dict[str, Any] = (
        await (await house.person(who)).ask(document + MIGRATION + PROBLEMS, input=given)
    )["answer"]
    return answer


async def ordered(house: House, mutation: str, **given: object) -> dict[str, Any]:
    """The migration after an order that must be taken."""
    answer = await order(house, ADMIN, mutation, **given)
    assert answer["__typename"] == "Migration", answer
    return answer


async def moved(house: House, old: str, new: str, **given: object) -> dict[str, Any]:
    """A migration that the worker has worked off."""
    migration = await ordered(house, "migratePlans", **{"from": old, "to": new}, **given)
    await work_off(house)
    return await course(house, migration["id"])


async def undone(house: House, id: str) -> dict[str, Any]:
    """A migration that the worker has taken back."""
    await ordered(house, "undoMigration", id=id)
    await work_off(house)
    return await course(house, id)


async def course(house: House, id: str) -> dict[str, Any]:
    """A migration as it stands."""
    query = "query Q($id: ID!) { migration(id: $id) { ...Course } }" + MIGRATION
    found = (await (await house.person(ADMIN)).ask(query, id=id))["migration"]
    return dict(found)


async def left(house: House, id: str, *, back: bool = False, language: str = "id") -> list[dict[str, Any]]:
    """The plans that a migration left as they are, read in pages of one."""
    admin, found, after = await house.person(ADMIN), [], None
    while True:
        told = await admin.ask(LEFT, language, id=id, back=back, first=1, after=after)
        page = told["migration"]["refused"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def work_off(house: House) -> None:
    """A worker that does what admins have ordered, and ends."""
    with house.database.active():
        async with open_tasks(settings_of(house)) as (*_, long_work):
            while await long_work.run_round():
                pass


async def lives_by(house: House) -> dict[str, tuple[str, str, int]]:
    """For each plan (ptk_id): its workflow, its state, its version."""
    rows = await house.sql("SELECT ptk_id::text, workflow, state, version FROM plan")
    return {row["ptk_id"]: (row["workflow"], row["state"], row["version"]) for row in rows}
