"""What is told against what is known: pure comparison, so that importing the same twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Generic, TypeVar

from services.identity.domain.registry import AccountFacts, DutyFacts, Facts, Known, Row, Told, ZoneFacts
from services.identity.domain.report import Item, Kind, Report
from services.kit.problem import Problem

OwnFacts = TypeVar("OwnFacts", DutyFacts, AccountFacts, ZoneFacts)


def merge(known: Known[Facts] | None, facts: Facts, told: Told) -> tuple[Known[Facts], tuple[str, ...]]:
    """The facts on record after `told` said `facts`, and the names of those that changed.

    Only a changed fact gets a new provenance. A fact that was recorded later than `told` stays as it is.
    """
    if known is None:
        return Known(facts, {one.name: told for one in fields(facts)}), ()
    changed = tuple(
        one.name
        for one in fields(facts)
        if getattr(facts, one.name) != getattr(known.facts, one.name)
        and (one.name not in known.told or known.told[one.name].as_of <= told.as_of)
    )
    after = replace(known.facts, **{name: getattr(facts, name) for name in changed})
    return Known(after, {**known.told, **dict.fromkeys(changed, told)}), changed


@dataclass(slots=True)
class RowsDiff(Generic[OwnFacts]):
    """Rows of one of our own files, or of a part of it, against those on record."""

    to_save: list[Row[OwnFacts]] = field(default_factory=list)
    new: list[Item] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def tell(self, part: RowsDiff[OwnFacts]) -> None:
        """Take over what a part, already written, has to report."""
        self.new += part.new
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.refused += part.refused
        self.warnings += part.warnings

    def report(self, subject: str) -> Report:
        """The report of the whole file; who is not in it has not left."""
        return Report(
            subject=subject,
            new=tuple(self.new),
            changed=tuple(self.changed),
            unchanged=self.unchanged,
            refused=tuple(self.refused),
            warnings=tuple(self.warnings),
            complete=False,
        )


def compare_rows(
    kind: Kind, read: Mapping[str, OwnFacts], known: Mapping[str, Row[OwnFacts]], told: Told
) -> RowsDiff[OwnFacts]:
    """New, changed and unchanged rows, both sides by the same key; a row recorded later than `told` stays."""
    diff: RowsDiff[OwnFacts] = RowsDiff()
    for key, facts in read.items():
        before = known.get(key)
        names = changed_fields(before.facts, facts) if before else ()
        if before and before.told.as_of > told.as_of and names:
            diff.warnings.append(Problem("row.older", {"key": key}))
        if before and (not names or before.told.as_of > told.as_of):
            diff.unchanged += 1
            continue
        diff.to_save.append(Row(facts, told))
        (diff.changed if before else diff.new).append(Item(kind, key, names))
    return diff


RowLike = TypeVar("RowLike")


def changed_fields(before: RowLike, after: RowLike, ignore: Collection[str] = ()) -> tuple[str, ...]:
    """The names of the fields in which two values of one dataclass differ."""
    names = (one.name for one in fields(before) if one.name not in ignore)  # type: ignore[arg-type]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
