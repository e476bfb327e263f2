"""`rencana workflow try|migrate|undo|…`: what an operator types to move living plans, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from click.testing import Result

from services.kit.database import Database
from tests.integration.planning.audit import command
from tests.integration.planning.composing import complete, decided, submitted
from tests.integration.planning.house import House, house_at
from tests.integration.planning.migrating import lives_by
from tests.integration.planning.publishing import BUDI, SHIPPED, publish_text, sha_of
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS
from tests.unit.workflows.renamed import renamed

WHY, BY = ("--reason", "Bukti."), ("--by", BUDI.account)
NEW = sha_of(renamed())
OLD, SHORT = SHIPPED[:12], NEW[:12]


@pytest.fixture
async def house(registry: Database, own: Database) -> AsyncIterator[House]:
    """Two plans, one of them handed in, and a version that calls its state otherwise."""
    async with house_at(registry, own) as house:
        await submitted(house, PNS)
        await complete(await house.person(COLLEAGUE))
        await publish_text(own, renamed())
        yield house


async def typed(house: House, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    result = await command(house, monkeypatch, "workflow", *words)
    assert result.exit_code in {0, 2}, result.exception
    return result


async def test_tried_moved_shown_and_taken_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = await typed(house, monkeypatch, "try", SHORT, "--period", "2024-1", "--language", "en", *BY)
    lines = tried.stdout.splitlines()
    assert lines[0].startswith(f"trial 1: {SHORT} on 2024-1, 2 plans, ")
    assert lines[1:3] == ["  1 would have gone the same way", "  1 would have gone otherwise"]
    assert f"  1 plans now draft by {OLD} could move, to draft" in lines
    assert any(f"submitted by {OLD} could not move: The version to move to has no" in line for line in lines)
    assert lines[-1] == "    submit: draft → submitted; by the draft handed_in"

    moved = await typed(house, monkeypatch, "migrate", OLD, SHORT, *WHY, *BY)
    assert "of 2 plans 1 moved, 1 left as they are" in moved.stdout.splitlines()[-1]
    shown = await typed(house, monkeypatch, "migration", "1", "--language", "en")
    assert shown.stdout.splitlines()[0] == f"migration 1: {OLD} → {SHORT}, all periods: done"
    assert "99000001 SD NEGERI CONTOH 01, submitted: The version to move to has no" in shown.stdout

    again = await typed(
        house, monkeypatch, "migrate", OLD, SHORT, "--state", "submitted=handed_in", "--later", *WHY, *BY
    )
    assert again.stdout.splitlines()[0].endswith("running")
    stopped = await typed(house, monkeypatch, "stop", "2", *WHY, *BY)
    assert stopped.stdout.splitlines()[0].endswith("stopped")
    assert (await typed(house, monkeypatch, "continue", "2")).stdout.splitlines()[0].endswith("stopped")
    resumed = await typed(house, monkeypatch, "resume", "2", *WHY, *BY)
    assert "of 1 plans 1 moved" in resumed.stdout
    assert {workflow for workflow, *_ in (await lives_by(house)).values()} == {NEW}

    await decided(house, HEAD_OF_SD, await house.person(PNS), "returnPlan", note="Mohon dilengkapi.")
    undone = await typed(house, monkeypatch, "undo", "2", *WHY, *BY)
    assert "of 1 plans 0 moved back, 1 left as they are" in undone.stdout
    told = (await typed(house, monkeypatch, "migration", "2", "--language", "en")).stdout
    assert "stop by Budi Contoh: Bukti." in told
    assert "(Ask for revision, 15 January 2024" in told
    listed = (await typed(house, monkeypatch, "migrations")).stdout.splitlines()
    assert [line.split(":")[0] for line in listed if line.startswith("migration")] == [
        "migration 2",
        "migration 1",
    ]


async def test_what_is_wrong_is_told_in_both_languages_and_nothing_is_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ("--state", "draft=handed_in", "--state", "diajukan=handed_in")
    refused = await typed(house, monkeypatch, "migrate", OLD, SHORT, *wrong, *WHY, *BY)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "map.onward input.states.0.to\n  Perpindahan tidak memajukan rencana" in refused.stderr
    assert "map.from_unknown input.states.1.from\n" in refused.stderr
    assert "The version to move from has no state diajukan." in refused.stderr
    for words, code in (
        (("migrate", "beef", SHORT, *WHY, *BY), "workflow.unknown"),
        (("migrate", OLD, SHORT, "--period", "2099-1", *WHY, *BY), "migration.nobody"),
        (("undo", "7", *WHY, *BY), "migration.unknown"),
        (("migration", "7"), "migration.unknown"),
        (("try", SHORT, "--period", "2099-1", *BY), "period.unknown"),
    ):
        told = await typed(house, monkeypatch, *words)
        assert (told.exit_code, told.stdout) == (2, "")
        assert code in told.stderr
    assert (
        "write it as from=to"
        in (await typed(house, monkeypatch, "migrate", OLD, SHORT, "--state", "draft", *WHY, *BY)).stderr
    )
    for table in ("migration", "migration_act", "run", "trial"):
        assert await house.sql(f"SELECT FROM {table}") == []
