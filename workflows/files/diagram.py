"""A definition as a Mermaid state diagram, with how many plans stand in each state where that is known.

A label is an author's text: every character but letters, digits and a few marks becomes a numeric entity, and what
is invisible a space, so that a label can only ever be shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from workflows.model.definition import Definition
from workflows.model.messages import Language

PLAIN = frozenset(" ,.()")


def draw_diagram(
    definition: Definition, language: Language = "id", counts: Mapping[str, int] | None = None
) -> str:
    """Mermaid text (`stateDiagram-v2`), the same for the same definition, language and counts."""
    return "\n".join(_lines(definition, language, counts or {})) + "\n"


def _lines(definition: Definition, language: Language, counts: Mapping[str, int]) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    direction LR"
    for state in definition.states:
        number = f" ({int(counts[state.name])})" if state.name in counts else ""
        yield f'    state "{_shown(getattr(state.label, language))}{number}" as {_id(state.name)}'
    for state in definition.states:
        if state.initial:
            yield f"    [*] --> {_id(state.name)}"
    for row in definition.transitions:
        for source in row.from_states:
            yield f"    {_id(source)} --> {_id(row.to_state)} : {_shown(getattr(row.label, language))}"
    for state in definition.states:
        if state.final:
            yield f"    {_id(state.name)} --> [*]"


def _id(name: str) -> str:
    """A name of its own kind, so that none is a word of Mermaid (`end`, `note`, `click`)."""
    return f"s_{name}"


def _shown(text: str) -> str:
    visible = ("".join(" " if _invisible(sign) else sign for sign in text)).split()
    return "".join(
        sign if sign.isalnum() or sign in PLAIN else f"#{ord(sign)};" for sign in " ".join(visible)
    )


def _invisible(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "CZ"
