"""The facts that a decision reads, and the verdict of a guard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any, get_type_hints

ParamValue = bool | int | date


class Term(StrEnum):
    """A word of the definition format and its meaning: `OWNER = "owner", "the teacher"`."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Term:
        """Create a member whose value is the word."""
        term = str.__new__(cls, word)
        term._value_ = word
        term.meaning = meaning
        return term


class HeadKind(Term):
    """How a school is led (DOMAIN.md "States")."""

    DEFINITIF = "definitif", "an appointed principal"
    PLT = "plt", "an acting principal (pelaksana tugas)"
    KOSONG = "kosong", "nobody: the post is vacant"


@dataclass(frozen=True, slots=True)
class Head:
    """The present head of the plan's school; `ptk_id` is None exactly when the post is vacant.

    `is_disputed`: the post is vacant because several persons claim it.
    """

    kind: HeadKind
    ptk_id: str | None = None
    is_disputed: bool = False

    def find_vacancy(self, npsn: str) -> Refusal | None:
        """Return why nobody is the head of the school, or None."""
        if self.ptk_id is not None:
            return None
        return Refusal("head.disputed" if self.is_disputed else "head.vacant", {"npsn": npsn})


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against a transition: a message code, its parameters and the part of the plan it is about.

    `unactionable`: the user cannot change it, so it is hidden beside reasons that the user can change.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    unactionable: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class WithdrawnChoice:
    """A choice in the plan that the catalogue no longer offers to this teacher, with its place."""

    choice: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that guards read about one plan at one instant. Parameter values have their declared types."""

    now: datetime
    zone: tzinfo  # of the plan's school
    params: Mapping[str, ParamValue]
    params_revision: int
    head: Head  # of the plan's school
    facts_as_of: datetime | None  # when identity answered about teacher and school; None: never
    sekolah_induk: str | None  # NPSN of the teacher's SATMINKAL today; None: unknown
    profile_confirmed: bool = False
    access_refusals: tuple[Refusal, ...] = ()  # access rules that fail now; read when the owner acts
    move_refusals: tuple[Refusal, ...] = ()  # why the plan cannot follow its teacher to another school
    missing_parts: tuple[Refusal, ...] = ()  # parts of the tabs that are not filled in yet
    withdrawn_choices: tuple[WithdrawnChoice, ...] = ()
    points: int = 0  # of the chosen RHK, this semester
    revision_due: date | None = None  # last day of a returned or reopened plan; None: never returned
    plt_confirmed: bool = False  # for this school and period (DOMAIN.md 7)

    @property
    def today(self) -> date:
        """The calendar day at the plan's school."""
        return self.now.astimezone(self.zone).date()


# The facts about a plan by name. The remaining fields of `Facts` are known for every decision.
FACT_TYPES: Mapping[str, Any] = {
    name: kind
    for name, kind in get_type_hints(Facts).items()
    if name not in {"now", "zone", "params", "params_revision"}
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who fires a transition: a person with the scopes of the token, or the system.

    `other_records` are further ptk_ids of the same person.
    """

    ptk_id: str | None = None
    scopes: frozenset[str] = frozenset()
    system: bool = False
    other_records: frozenset[str] = frozenset()


SYSTEM = Actor(system=True)


@dataclass(slots=True)
class Snapshot:
    """The part of a plan that the state machine sees. Mutable, because `transitions` assigns `state`."""

    state: str
    owner: str  # ptk_id
    npsn: str  # of the plan's school


@dataclass(frozen=True, slots=True)
class CommandInput:
    """What the user sends with a command: a reason, and the codes of the warnings that the user acknowledges."""

    reason: str | None = None
    acknowledged_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pass:
    """The guard holds. `evidence` maps the name of each fact that was read to its value."""

    evidence: Mapping[str, object] = field(default_factory=dict)


Verdict = Pass | tuple[Refusal, ...]


def relevant_reasons(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Return each refusal once, without the unactionable ones if there are others."""
    distinct: list[Refusal] = []
    for refusal in refusals:
        if refusal not in distinct:
            distinct.append(refusal)
    return tuple(refusal for refusal in distinct if not refusal.unactionable) or tuple(distinct)
