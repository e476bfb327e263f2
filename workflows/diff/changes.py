"""One change between two versions: where, what, how grave."""

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
    """Whether living plans could move to the new version without loss (`workflows.diff` says exactly when)."""

    ADDITIVE = "additive"
    BREAKING = "breaking"

    def sentence(self, language: Language) -> str:
        """What it means for the plans that live."""
        return format_message(f"diff.{self}", {}, language)


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is the place in the new file, or in the old one for what is gone."""

    code: str
    path: Path
    params: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.ADDITIVE

    def sentence(self, language: Language) -> str:
        """The change as a person reads it."""
        return format_message(self.code, self.params, language)


def severity_if(breaking: bool) -> Severity:
    """The gravity of a change that breaks, or does not."""
    return Severity.BREAKING if breaking else Severity.ADDITIVE


def describe_condition(definition: Definition, guard: Guard) -> Phrase:
    """A condition as a person reads it, with the labels of the parameters that it names."""
    if isinstance(guard, Call):
        return Phrase(
            f"cond.{guard.name}", {name: _argument(definition, value) for name, value in guard.args}
        )
    if isinstance(guard, Not):
        return Phrase("cond.not", {"part": describe_condition(definition, guard.part)})
    parts = tuple(describe_condition(definition, part) for part in guard.parts)
    return Phrase("cond.any" if isinstance(guard, AnyOf) else "cond.all", {"parts": parts})


def _argument(definition: Definition, value: Argument) -> object:
    if isinstance(value, ParamRef):
        labels = {param.name: param.label for param in definition.params}
        return Phrase("cond.value", {"label": labels.get(value.name, value.name)})
    return value


def compare_guards(
    old_version: Definition,
    new_version: Definition,
    path: Path,
    what: Label,
    old: Guard | None,
    new: Guard | None,
    stricter: Severity = Severity.ADDITIVE,
    looser: Severity = Severity.ADDITIVE,
    verb: str = "asks",
) -> Iterator[Change]:
    """What a guard asks for now, and what no more; `stricter` and `looser` are the gravity of more and of less."""
    if canonical_text(old) == canonical_text(new):
        return
    before, after = ({canonical_text(part): part for part in conjuncts(guard)} for guard in (old, new))
    more = tuple(describe_condition(new_version, part) for text, part in after.items() if text not in before)
    less = tuple(describe_condition(old_version, part) for text, part in before.items() if text not in after)
    if more:
        code = "diff.warns" if verb == "warns" else "diff.asks"
        yield Change(code, path, {"what": what, "conditions": more}, stricter)
    if less:
        code = "diff.warns_no_more" if verb == "warns" else "diff.asks_no_more"
        yield Change(code, path, {"what": what, "conditions": less}, looser)
    if not more and not less:
        yield Change("diff.rewritten", path, {"what": what})


def canonical_text(*trees: Guard | None) -> str:
    """Trees as the canonical form writes them: what is equal here is equal there."""
    return json.dumps([guard_to_json(tree) for tree in trees], sort_keys=True)


def compare_labels(path: Path, name: str, old: Label, new: Label) -> Iterator[Change]:
    """A label in both languages, since perhaps only one of them changed."""
    if old != new:
        shown = {"name": name, "old": f"{old.id} / {old.en}", "new": f"{new.id} / {new.en}"}
        yield Change("diff.label", (*path, "label"), shown)
