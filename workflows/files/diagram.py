"""A definition as a Mermaid state diagram.

Labels are texts of admins. Every character but letters, digits and a few marks becomes a numeric entity, and invisible
ones become spaces, so that a label cannot change the diagram.
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
    """Return Mermaid text (`stateDiagram-v2`), with the number of plans in each state that `counts` names."""
    return "\n".join(_lines(definition, language, counts or {})) + "\n"


def _lines(definition: Definition, language: Language, counts: Mapping[str, int]) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    direction LR"
    for state in definition.states:
        number = f" ({int(counts[state.name])})" if state.name in counts else ""
        yield f'    state "{_escape(getattr(state.label, language))}{number}" as {_id(state.name)}'
    yield f"    [*] --> {_id(definition.initial.name)}"
    # Several persons may have a transition with the same label.
    arrows = dict.fromkeys(
        (source, transition.to_state, _escape(getattr(transition.label, language)))
        for transition in definition.transitions
        for source in transition.from_states
    )
    for source, target, label in arrows:
        yield f"    {_id(source)} --> {_id(target)} : {label}"
    for state in definition.states:
        if state.final:
            yield f"    {_id(state.name)} --> [*]"


def _id(name: str) -> str:
    return f"s_{name}"  # never a keyword of Mermaid such as `end` or `note`


def _escape(text: str) -> str:
    visible = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return "".join(
        sign if sign.isalnum() or sign in PLAIN else f"#{ord(sign)};" for sign in " ".join(visible.split())
    )
