"""Altered copies of the shipped definition: each part that the API or a person relies on, taken away or renamed once.

`python -m tests.unit.workflows.altered_copies` prints what the linter says of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from tests.unit.workflows.samples import REMOVE, change_shipped, dump_json, shipped_document
from workflows.files.loader import load_definition
from workflows.lint.check import lint
from workflows.model.findings import DefinitionError, Finding

DOCUMENT = shipped_document()
ROWS: list[dict[str, Any]] = DOCUMENT["transitions"]
NUMBERS = {row["id"]: number for number, row in enumerate(ROWS)}


class AlteredCopy(NamedTuple):
    """A copy, and what is different in it."""

    alteration: str
    source: bytes

    def lint(self) -> list[Finding]:
        """What the linter says, also of a text that cannot be read as a definition."""
        try:
            return lint(load_definition(self.source))
        except DefinitionError as error:
            return list(error.findings)


def _change(alteration: str, *changes: tuple[str, object]) -> AlteredCopy:
    return AlteredCopy(alteration, change_shipped(*changes))


def _rename_param(name: str) -> AlteredCopy:
    """Rename a parameter everywhere but in the contract."""
    text = dump_json(DOCUMENT | {"contract": None}).decode().replace(f'"{name}"', f'"{name}_x"')
    source = text.replace('"contract": null', f'"contract": {dump_json(DOCUMENT["contract"]).decode()}')
    return AlteredCopy(f"the parameter {name} is renamed", source.encode())


def _rename_trigger(trigger: str) -> AlteredCopy:
    rows = [number for number, row in enumerate(ROWS) if row["trigger"] == trigger]
    changes = ((f"transitions.{number}.trigger", f"{trigger}X") for number in rows)
    return _change(f"the trigger {trigger} is renamed", *changes)


def _drop_conditions(row_id: str) -> Iterator[AlteredCopy]:
    path = f"transitions.{NUMBERS[row_id]}.when"
    for number, condition in enumerate(ROWS[NUMBERS[row_id]]["when"]["all"]):
        name = condition if isinstance(condition, str) else next(iter(condition))
        yield _change(f"{row_id} lacks the condition {name}", (f"{path}.all.{number}", REMOVE))


def altered_copies() -> Iterator[AlteredCopy]:
    """Yield every copy."""
    for trigger in dict.fromkeys(row["trigger"] for row in ROWS if not row["trigger"].startswith("@")):
        yield _rename_trigger(trigger)
    contract = DOCUMENT["contract"]
    names = (*contract["window"].values(), *contract["plt"].values())
    for name in (*names, contract["facts_max_age_minutes"], contract["minimum_points"]):
        yield _rename_param(name)
    for key in contract:
        yield _change(f"the contract lacks {key}", (f"contract.{key}", REMOVE))
    yield _change(
        "submitPlan need not ensure complete tabs",
        (
            "contract.submitPlan.requires",
            ["at_satminkal", "choices_offered", "may_plan", "profile_confirmed"],
        ),
    )
    yield from _drop_conditions("submit")
    yield _change("submit lacks its warning about points", (f"transitions.{NUMBERS['submit']}.warn", REMOVE))
    for row_id in ("approve", "return"):
        yield _change(f"{row_id} decides by old facts", (f"transitions.{NUMBERS[row_id]}.when", REMOVE))
    for number, row in enumerate(ROWS):
        yield _change(f"the transition {row['id']} is missing", (f"transitions.{number}", REMOVE))
        for index, effect in enumerate(row.get("effects", ())):
            name = effect if isinstance(effect, str) else next(iter(effect))
            alteration = f"{row['id']} lacks the effect {name}"
            yield _change(alteration, (f"transitions.{number}.effects.{index}", REMOVE))
        if "require" in row:
            yield _change(f"{row['id']} needs no reason", (f"transitions.{number}.require", REMOVE))
    yield _change("Mulai does not depend on the window", ("start.when.all.1", REMOVE))
    yield _change("Mulai depends on nothing", ("start", REMOVE))
    yield _change("an admin submits", (f"transitions.{NUMBERS['submit']}.by", {"role": "admin"}))
    yield _change("an admin approves", (f"transitions.{NUMBERS['approve']}.by", {"role": "admin"}))


def print_table() -> None:
    """Print what the linter says of each copy, in Markdown."""
    click.echo("| altered | finding | place | the linter says |\n|---|---|---|---|")
    for copy in altered_copies():
        for finding in copy.lint():
            click.echo(
                f"| {copy.alteration} | `{finding.code}` | `{finding.place}` | {finding.message('en')} |"
            )


if __name__ == "__main__":
    print_table()
