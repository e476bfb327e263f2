"""The facts that a decision reads, and how a guard answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any, get_type_hints

ParamValue = bool | int | date


class Term(StrEnum):
    """A word as definitions write it, and what it means: `OWNER = "owner", "the teacher"`."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Term:
        """The word itself is the value; its meaning is only told."""
        term = str.__new__(cls, word)
        term._value_ = word
        term.meaning = meaning
        return term


class HeadKind(Term):
    """How a school is led (DOMAIN.md "States"): an appointed principal, an acting one, or nobody."""

    DEFINITIF = "definitif", "an appointed principal"
    PLT = "plt", "an acting principal (pelaksana tugas)"
    KOSONG = "kosong", "nobody: the post is vacant"


@dataclass(frozen=True, slots=True)
class Head:
    """Who leads the plan's school now; `ptk_id` is None exactly when the post is vacant."""

    kind: HeadKind
    ptk_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why not. `moot`: nobody can mend it here, so beside a better reason it is left out."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    unactionable: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class WithdrawnChoice:
    """A choice in the plan that the catalogue no longer offers to this teacher, and where it stands."""

    choice: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that guards read about one plan at one moment; parameter values are already typed."""

    now: datetime
    zone: tzinfo  # of the plan's school
    params: Mapping[str, ParamValue]
    params_revision: int
    head: Head  # of the plan's school
    facts_as_of: (
        datetime | None
    )  # when the registry was last asked about this teacher and school; None: never
    sekolah_induk: str | None  # NPSN of the teacher's SATMINKAL today; None: unknown
    profile_confirmed: bool = False
    access_refusals: tuple[Refusal, ...] = ()  # the rules of access that fail now, when the owner acts
    move_refusals: tuple[Refusal, ...] = ()  # why the plan cannot follow its teacher to another school
    missing_parts: tuple[Refusal, ...] = ()
    withdrawn_choices: tuple[WithdrawnChoice, ...] = ()
    points: int = 0  # of the chosen RHK, this semester
    revision_due: date | None = None  # last day of a returned or reopened plan; None: never returned
    plt_confirmed: bool = False  # the one fact per school and period (DOMAIN.md 7)

    @property
    def today(self) -> date:
        """The day it is at the plan's school."""
        return self.now.astimezone(self.zone).date()


# The facts about a plan by name, with their types; the rest of `Facts` is known of every decision.
FACT_TYPES: Mapping[str, Any] = {
    name: kind
    for name, kind in get_type_hints(Facts).items()
    if name not in {"now", "zone", "params", "params_revision"}
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person by `ptk_id`, with the platform scopes of the token, or the system itself."""

    ptk_id: str | None = None
    scopes: frozenset[str] = frozenset()
    system: bool = False


SYSTEM = Actor(system=True)


@dataclass(slots=True)
class Snapshot:
    """A plan as the machine sees it. `transitions` moves `state`, so it is mutable; `decide` moves a copy."""

    state: str
    owner: str  # ptk_id
    npsn: str  # the school the plan was made at


@dataclass(frozen=True, slots=True)
class CommandInput:
    """What came with the command: a reason in words, and the codes of the warnings that were accepted."""

    reason: str | None = None
    acknowledged_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pass:
    """The guard holds; `evidence` names each fact that was read. What fires tells it in JSON, once, for the event."""

    evidence: Mapping[str, object] = field(default_factory=dict)


Verdict = Pass | tuple[Refusal, ...]


def relevant_reasons(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """The reasons of several alternatives, each once, the moot ones only when there is no other."""
    once: list[Refusal] = []
    for refusal in refusals:
        if refusal not in once:
            once.append(refusal)
    return tuple(refusal for refusal in once if not refusal.unactionable) or tuple(once)
