"""`rencana workflow …`: what an operator types, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.composing import submitted
from tests.integration.planning.desk import BY_BUDI, BY_SARI, WHY, Desk
from tests.integration.planning.house import House, connected, house_at, import_reference
from tests.integration.planning.publishing import OTHER, SHIPPED, sha_of
from tests.small_registry import PNS
from workflows.files.loader import shipped


@pytest.fixture
async def house(registry: Database, fresh_url: Fresh) -> AsyncIterator[House]:
    async with connected(await fresh_url("services.planning"), "services.planning") as own:
        await import_reference(own)
        async with house_at(registry, own) as house:
            yield house


@pytest.fixture
def desk(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(house, tmp_path, monkeypatch)


async def test_a_change_from_the_file_to_published_and_back(desk: Desk) -> None:
    file, sha = desk.file(OTHER), sha_of(OTHER)[:12]
    assert await desk.done("lint", file) == f"perencanaan-kinerja {sha}: sound\n"
    told = await desk.done("diff", SHIPPED[:12], file, "--language", "en")
    assert told.splitlines()[-1] == "1 changes: additive"
    assert await desk.done("draft", file, *WHY, *BY_SARI) == f"drafted: perencanaan-kinerja {sha}\n"
    assert await desk.done("draft", file, *WHY, *BY_BUDI) == f"stands already: perencanaan-kinerja {sha}\n"
    assert "change_request.is_yours" in await desk.refused("approve", sha, *WHY, *BY_SARI)
    assert "workflow.not_approved" in await desk.refused("publish", sha, *WHY, *BY_SARI)
    assert await desk.done("approve", sha, *WHY, *BY_BUDI) == f"approved: perencanaan-kinerja {sha}\n"
    assert await desk.done("publish", sha, *WHY, *BY_SARI) == f"published: perencanaan-kinerja {sha}\n"
    assert (await (await submitted(desk.house, PNS)).plan())["state"]["label"] == "Sudah diajukan"
    assert 'state "Sudah diajukan (1)" as s_submitted' in await desk.done(
        "diagram", sha, "--period", "2024-1"
    )
    assert 'state "Submitted" as s_submitted' in await desk.done("diagram", sha, "--language", "en")
    listed = (await desk.done("list")).splitlines()
    assert (listed[0], listed[4]) == (f"{sha}  published", f"{SHIPPED[:12]}  approved")
    assert listed[3].endswith("published by Sari Contoh: Masukan dari para guru.")
    assert "workflow.in_use" in await desk.refused("retire", sha, *WHY, *BY_SARI)
    await desk.done("publish", SHIPPED[:12], *WHY, *BY_BUDI)
    assert await desk.done("retire", sha, *WHY, *BY_SARI) == f"retired: perencanaan-kinerja {sha}\n"


async def test_what_is_given_out_can_be_handed_in(desk: Desk) -> None:
    text = await desk.done("export", SHIPPED[:12])
    assert sha_of(text) == SHIPPED
    assert await desk.done("diff", desk.file(text), desk.file(shipped().decode())) == "both say the same\n"


async def test_a_file_that_is_no_definition_is_told_with_its_line(desk: Desk) -> None:
    path = desk.folder / "broken.yaml"
    path.write_text("format: 1\nformat: 1\n")
    assert (await desk.refused("lint", str(path))).startswith("yaml.duplicate_key")
    assert "(line 2, column 1)" in await desk.refused("lint", str(path))


async def test_a_version_is_named_by_how_it_begins_if_that_is_enough(desk: Desk) -> None:
    for sha in ("beef" * 16, "DROP", "%%%%", SHIPPED + "0"):
        assert "workflow.unknown" in await desk.refused("export", sha)
    for ending in "ab":
        await desk.house.sql(
            "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'w', '', now())",
            "beef" * 15 + f"000{ending}",
        )
    assert "workflow.ambiguous" in await desk.refused("export", "beefbeef")
    assert "workflow.unknown" in await desk.refused("export", "beef" * 15 + "000a")


async def test_who_does_it_must_have_a_name(desk: Desk) -> None:
    result = await desk.type("approve", SHIPPED[:12], *WHY, "--by", "  ")
    assert (result.exit_code, "a name is needed" in result.stderr) == (2, True)
    assert "reason.missing" in await desk.refused("approve", SHIPPED[:12], "--reason", " ", *BY_SARI)


@pytest.mark.parametrize(
    "words",
    [
        ("diff", "a" * 5_000, SHIPPED),
        ("diff", "/", SHIPPED),
        ("export", "9" * 400),
        ("export", "\udcff"),
        ("diagram", "\udcff"),
        ("list", "--name", "\udcff"),
        ("approve", SHIPPED[:12], *WHY, "--by", "\udcff"),
        ("approve", SHIPPED[:12], *WHY, "--by", "\x1b[2J"),
        ("approve", SHIPPED[:12], "--reason", "\udcff", *BY_SARI),
    ],
    ids=lambda words: f"{words[0]} {words[-1][:3]!r}",
)
async def test_whatever_is_typed_is_told_and_never_a_traceback(desk: Desk, words: tuple[str, ...]) -> None:
    result = await desk.type(*words)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code in {1, 2}
    assert result.stderr
