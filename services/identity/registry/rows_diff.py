"""Differences between the rows of a file of ours and the stored rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Generic, TypeVar

from services.identity.people.model import AccountFacts, DutyFacts, Provenance, Row, ZoneFacts
from services.identity.registry.json_input import InputPath
from services.identity.registry.report import Item, ItemKind, Report
from services.kit.clock import is_ahead
from services.kit.problems import Problem

FileFacts = TypeVar("FileFacts", DutyFacts, AccountFacts, ZoneFacts)


@dataclass(slots=True)
class RowsDiff(Generic[FileFacts]):
    """The difference between the rows of a file, or of a part of it, and the stored rows."""

    rows_to_save: list[Row[FileFacts]] = field(default_factory=list)
    new_items: list[Item] = field(default_factory=list)
    changed_items: list[Item] = field(default_factory=list)
    unchanged_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, part: RowsDiff[FileFacts]) -> None:
        """Add the items of a part of the file."""
        self.new_items += part.new_items
        self.changed_items += part.changed_items
        self.unchanged_count += part.unchanged_count
        self.problems += part.problems
        self.warnings += part.warnings
        self.names |= part.names

    def build_report(self, subject: str) -> Report:
        """Build the report of the file. It is never complete: a missing row means nothing."""
        return Report(
            subject=subject,
            new_items=tuple(self.new_items),
            changed_items=tuple(self.changed_items),
            unchanged_count=self.unchanged_count,
            problems=tuple(self.problems),
            warnings=tuple(self.warnings),
            is_complete=False,
            names=self.names,
        )


def compare_rows(
    kind: ItemKind,
    rows: Mapping[str, FileFacts],
    lines: Mapping[str, InputPath],
    existing_rows: Mapping[str, Row[FileFacts]],
    provenance: Provenance,
    now: datetime,
) -> RowsDiff[FileFacts]:
    """Compare rows by key.

    A row that differs from a stored row with a later provenance is refused. A stored row from ahead of the clock is
    replaced, with a warning.
    """
    diff: RowsDiff[FileFacts] = RowsDiff()
    for key, facts in rows.items():
        before = existing_rows.get(key)
        names = list_changed_fields(before.facts, facts) if before else ()
        is_before_ahead = before is not None and is_ahead(before.provenance.as_of, now)
        if before and is_before_ahead:
            diff.warnings.append(
                Problem("row.ahead", {"key": key, "as_of": before.provenance.as_of}, lines[key])
            )
        elif before and names and before.provenance.as_of > provenance.as_of:
            diff.problems.append(Problem("row.older", {"key": key}, lines[key]))
            continue
        if before and not names:
            diff.unchanged_count += 1
        else:
            (diff.changed_items if before else diff.new_items).append(Item(kind, key, names))
        if names or before is None or is_before_ahead:
            diff.rows_to_save.append(Row(facts, provenance))
    return diff


RowLike = TypeVar("RowLike")


def list_changed_fields(before: RowLike, after: RowLike, ignore: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of the fields in which two values of a dataclass differ."""
    names = (one.name for one in fields(before) if one.name not in ignore)  # type: ignore[arg-type]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
