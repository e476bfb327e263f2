"""What a guard answers: `Pass` with the facts it read, or one `Refused` for each reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pass:
    """The guard holds; `evidence` names each fact that was read. What fires tells it in JSON, once, for the event."""

    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason why not. `moot`: nobody can mend it here, so beside a better reason it is left out."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    moot: bool = field(default=False, compare=False)


Verdict = Pass | tuple[Refused, ...]


def worth_telling(refusals: Iterable[Refused]) -> tuple[Refused, ...]:
    """The reasons of several alternatives, each once, the moot ones only when there is no other."""
    once: list[Refused] = []
    for refusal in refusals:
        if refusal not in once:
            once.append(refusal)
    return tuple(refusal for refusal in once if not refusal.moot) or tuple(once)
