"""A change between two versions, with its text and its severity."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflows.model.definition import (
    AnyOf,
    Argument,
    Call,
    Definition,
    Guard,
    Label,
    Not,
    ParamRef,
    Path,
    conjuncts,
    guard_to_json,
)
from workflows.model.messages import Language, Phrase, format_message


class Severity(StrEnum):
    """Whether active plans can move to the new version without loss; `workflows.diff.compare` has the exact rule."""

    ADDITIVE = "additive"
    BREAKING = "breaking"


@dataclass(frozen=True, slots=True)
class Change:
    """A change. `path` is the place in the new file, or in the old one if the part was removed."""

    code: str
    path: Path
    params: Mapping[str, object] = field(default_factory=dict)
    is_breaking: bool = False

    @property
    def severity(self) -> Severity:
        """The severity of this change."""
        return Severity.BREAKING if self.is_breaking else Severity.ADDITIVE

    def sentence(self, language: Language) -> str:
        """Return the text of the change."""
        return format_message(self.code, self.params, language)


def describe_condition(definition: Definition, guard: Guard) -> Phrase:
    """Describe a condition for people, with the labels of its parameters."""
    if isinstance(guard, Call):
        args = {name: describe_argument(definition, value) for name, value in guard.args}
        return Phrase(f"cond.{guard.name}", args)
    if isinstance(guard, Not):
        return Phrase("cond.not", {"part": describe_condition(definition, guard.part)})
    parts = tuple(describe_condition(definition, part) for part in guard.parts)
    return Phrase("cond.any" if isinstance(guard, AnyOf) else "cond.all", {"parts": parts})


def describe_argument(definition: Definition, value: Argument) -> object:
    """Return the label of a parameter, or the value itself."""
    if isinstance(value, ParamRef):
        labels = {param.name: param.label for param in definition.params}
        return Phrase("cond.value", {"label": labels.get(value.name, value.name)})
    return value


def compare_guards(
    versions: tuple[Definition, Definition],
    path: Path,
    name: Label,
    old: Guard | None,
    new: Guard | None,
    *,
    code: str = "diff.asks",
    stricter_is_breaking: bool = False,
    looser_is_breaking: bool = False,
) -> Iterator[Change]:
    """Yield the conditions that a guard of `versions` (old, new) gained and lost."""
    if canonical_text(old) == canonical_text(new):
        return
    before, after = ({canonical_text(part): part for _, part in conjuncts(guard)} for guard in (old, new))
    old_version, new_version = versions
    new_conditions = tuple(
        describe_condition(new_version, part) for text, part in after.items() if text not in before
    )
    lost_conditions = tuple(
        describe_condition(old_version, part) for text, part in before.items() if text not in after
    )
    if new_conditions:
        yield Change(code, path, {"what": name, "conditions": new_conditions}, stricter_is_breaking)
    if lost_conditions:
        yield Change(
            f"{code}_no_more", path, {"what": name, "conditions": lost_conditions}, looser_is_breaking
        )
    if not new_conditions and not lost_conditions:
        yield Change("diff.rewritten", path, {"what": name})


def canonical_text(*guards: Guard | None) -> str:
    """Return guards as canonical JSON, which is equal for guards that a version does not distinguish."""
    return json.dumps([guard_to_json(guard) for guard in guards], sort_keys=True)


def compare_labels(path: Path, name: str, old: Label, new: Label) -> Iterator[Change]:
    """Yield a changed label in both languages, because only one of them may have changed."""
    if old != new:
        labels = {"name": name, "old": f"{old.id} / {old.en}", "new": f"{new.id} / {new.en}"}
        yield Change("diff.label", (*path, "label"), labels)
