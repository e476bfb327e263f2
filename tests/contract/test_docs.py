"""What the pages name exists: files of the checkout, targets of make, commands of `rencana`, client documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from services.cli import rencana
from services.identity.settings import MESSAGE_FILES as IDENTITY_FILES
from services.kit.problems import Messages
from services.planning.settings import MESSAGE_FILES as PLANNING_FILES
from tests.composed import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
# Pages about one part leave its folder out: `plan/store.py` is in services/planning. `app/…` is a file of Dapodik.
FOLDERS = [
    ROOT / name
    for name in (
        ".",
        "services",
        "services/planning",
        "services/identity",
        "workflows",
        "tests",
        "tests/proofs",
    )
]
TOP = "graphql|workflows|services|devtools|demo|tests|bench|docs|deploy|unit|integration|journeys|contract|proofs"
PATH = re.compile(
    rf"`((?:{TOP})/[\w./-]*\w|(?!app/)[\w.-]+/[\w./-]+\.(?:py|sql|yaml|json|graphql|toml|sh))(?:::\w+)?`"
)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
DOCUMENT = re.compile(r"(?<![\w/])((?:web|mobile|partner|admin)/[A-Z]\w+)")


def find_command(words: str) -> click.Command | None:
    """Find the command that words such as `workflow lint FILE` start with."""
    command: click.Command | None = rencana
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), word)
    return command


def find_unknown_names(text: str) -> Iterator[str]:
    """Yield what a page names and the checkout does not have."""
    yield from (
        path for path in PATH.findall(text) if not any((folder / path).exists() for folder in FOLDERS)
    )
    yield from (f"make {name}" for name in re.findall(r"`make ([a-z-]+)`", text) if name not in TARGETS)
    yield from (
        f"rencana {words}"
        for words in re.findall(r"(?:`|^\$ )rencana ([a-z-]+(?: [a-z-]+)?)", text, re.MULTILINE)
        if find_command(words) is None
    )
    yield from (
        name
        for name in DOCUMENT.findall(text)
        if not (ROOT / "graphql" / "operations" / f"{name}.graphql").exists()
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_names_only_what_exists(page: Path) -> None:
    assert not list(find_unknown_names(page.read_text("utf-8")))


def test_the_index_lists_every_decision() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    for page in folder.glob("0*.md"):
        number, title = page.read_text("utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        assert f"| {number} | [{title}]({page.name}) |" in index


@pytest.mark.parametrize("files", [PLANNING_FILES, IDENTITY_FILES], ids=["planning", "identity"])
def test_page_of_problems_has_every_code(files: tuple[Path, ...]) -> None:
    codes = Messages.load(*files, format_value=lambda value, _: str(value)).texts
    page = (ROOT / "docs/problems.md").read_text()
    assert {code for code in codes if f"| `{code}` |" not in page} == set()
