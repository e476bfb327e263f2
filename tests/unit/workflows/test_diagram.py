"""The Mermaid diagram of a definition, with hostile labels."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.files.diagram import draw_diagram
from workflows.files.loader import load_shipped
from workflows.model.definition import Definition, Label

SHIPPED_DEFINITION = load_shipped()
TEXT = r"(?:[^\W_]|[ ,.()]|#[0-9]{1,7};)+"
ID = r"s_[a-z][a-z0-9_]*"
LINE = re.compile(
    rf'stateDiagram-v2|    direction LR|    state "{TEXT}" as {ID}|    (\[\*\]|{ID}) --> (\[\*\]|{ID})( : {TEXT})?'
)
HOSTILE_LABELS = [
    'x" as s_draft', "a\nclick s_draft href", "%%{init: {}}%%", "a:::evil", "<script>alert(1)</script>", "x --> y",
    "a\u2028b\u2029c", "a\x0bb\x85c", "#quot;", "`code`", "note right of x", "end note", "[*]",
    "\u202eabc", "{", "}", "a;b", "😀",
]  # fmt: skip


def replace_labels(text: str) -> Definition:
    label = Label(text, text)
    return replace(
        SHIPPED_DEFINITION,
        states=tuple(replace(state, label=label) for state in SHIPPED_DEFINITION.states),
        transitions=tuple(replace(row, label=label) for row in SHIPPED_DEFINITION.transitions),
    )


def parse_lines(text: str) -> list[str]:
    lines = text.removesuffix("\n").split("\n")
    assert text.splitlines() == lines
    assert all(LINE.fullmatch(line) for line in lines), lines
    return lines


def test_the_shipped_definition_is_drawn() -> None:
    lines = parse_lines(draw_diagram(load_shipped(), "en", {"draft": 1204}))
    assert '    state "Draft (1204)" as s_draft' in lines
    assert "    [*] --> s_draft" in lines
    assert "    s_draft --> s_submitted : Submit" in lines
    assert "    s_in_implementation --> s_draft : Reopen" in lines
    assert "    s_in_implementation --> [*]" in lines
    assert len(lines) == 2 + 5 + 1 + 14 + 1
    assert draw_diagram(load_shipped()) == draw_diagram(load_shipped(), "id")


@pytest.mark.parametrize("text", HOSTILE_LABELS)
def test_a_hostile_label_changes_no_line(text: str) -> None:
    lines, plain = (
        parse_lines(draw_diagram(replace_labels(text))),
        parse_lines(draw_diagram(replace_labels("Plain"))),
    )
    assert len(lines) == len(plain)
    assert [re.sub(TEXT + r'(?="|$)', "", line) for line in lines[2:7]] == [
        re.sub(TEXT + r'(?="|$)', "", line) for line in plain[2:7]
    ]


@given(st.text(min_size=1).filter(lambda text: text.split()))
def test_no_label_breaks_a_line(text: str) -> None:
    if any(sign.isprintable() and not sign.isspace() for sign in text):
        parse_lines(draw_diagram(replace_labels(text)))
