"""The rules of text, with the characters that people paste and any others."""

from __future__ import annotations

import json
import logging
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.kit.problems import Messages
from services.kit.problems import Problem as Sentence
from services.kit.process import LineFormatter
from services.kit.text import (
    clean_name,
    clean_text,
    escape_text,
    find_refused_characters,
    find_text_problems,
    is_blank,
    isolate,
    normalize_text,
    sort_key,
)

# every kind of character, and often those that the rules name
SPECIAL = (
    "\r\n\t\x00\x0b\x0c\x1c\x85\u00ad\u034f\u115f\u200b\u200d\u202a\u202e\u2066\u2069\u2800\u3164\uf0b7\ue000"
    "’éÉ\u0301ßİﬁᴬ🏫"
)
texts = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters()))

BLANK = (
    "", " \n\t", "\u3164", "\u2800", "\ufe0f", "\u034f", "\u17b4", "\uffa0", "\u1160", "\u200b\u2060\ufeff", "\u00ad",
    "\u200e", "\u2800 \u3164\n", "\U000e0041", "\U0001d159", "\u0301", "\u2028",
)  # fmt: skip


@pytest.mark.parametrize("text", BLANK)
def test_text_without_anything_visible_is_blank(text: str) -> None:
    assert is_blank(text)
    assert clean_text(text) == clean_name(text) == ""


@pytest.mark.parametrize(
    "text", ["a", "1", "•", "\uf0b7", "👍🏽", "漢", "\u3164x", "ً ا", "-", "0\ufe0f\u20e3"]
)
def test_text_with_a_visible_character_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("Mohon perbaiki:\x0b1. RHK\x0b2. Tugas", "Mohon perbaiki:\n1. RHK\n2. Tugas"),
        ("Mohon perbaiki:\n\uf0b7\tRHK kurang", "Mohon perbaiki:\n•\tRHK kurang"),
        ("Mohon cek \u2068@Bima\u2069 ya", "Mohon cek @Bima ya"),
        ("hubungi \u202a+62 812-0000\u202c", "hubungi +62 812-0000"),
        ("a\x85b\x0cc\u2028d\r\ne\rf", "a\nb\nc\nd\ne\nf"),
        ("RPP\x1e1, ko\x1fku\u00adri\u200bku\ufefflum", "RPP-1, kokurikulum"),
        ("  Se\u0301 \n", "Sé"),
        ("spasi\u00a0keras “kutip” – é 漢字 العربية", "spasi\u00a0keras “kutip” – é 漢字 العربية"),
        ("👩\u200d🏫 ❤\ufe0f", "👩\u200d🏫 ❤\ufe0f"),
    ],
)
def test_pasted_text_is_accepted_and_normalised(pasted: str, stored: str) -> None:
    assert list(find_text_problems(pasted, 50, ())) == []
    assert clean_text(pasted) == stored


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("\x00", [("U+0000", 1, 1)]),
        ("ab\ncd\x07", [("U+0007", 2, 3)]),
        ("a\x0b\u200bb\uf0c8\uf0c8", [("U+F0C8", 2, 2)]),
        ("a\u202eb", [("U+202E", 1, 2)]),
        ("\ud83d \U0010ffff\ufdd0", [("U+D83D", 1, 1), ("U+10FFFF", 1, 3), ("U+FDD0", 1, 4)]),
        ("\U000e0061\u2067", [("U+E0061", 1, 1), ("U+2067", 1, 2)]),
        ("\x01\x02\x03\x04\x05\x06", [(f"U+000{n}", 1, n) for n in range(1, 6)]),
    ],
)
def test_other_characters_are_refused_with_code_point_line_and_column(
    text: str, places: list[tuple[str, int, int]]
) -> None:
    problems = list(find_text_problems(text, 50, ("note",)))
    assert [(problem.code, problem.path) for problem in problems] == [
        ("text.not_printable", ("note",))
    ] * len(places)
    assert [tuple(problem.params.values()) for problem in problems] == places


def test_line_break_within_one_line_is_refused_and_one_at_its_end_is_not() -> None:
    assert [problem.code for problem in find_text_problems("4\x0b5", 50, (), one_line=True)] == [
        "text.line_break"
    ]
    assert list(find_text_problems("4\r\n", 50, (), one_line=True)) == []


@given(texts)
@example("e\u00ad\u0301")
def test_normalising_twice_changes_nothing(text: str) -> None:
    for function in (normalize_text, clean_text, clean_name, sort_key, escape_text):
        once = function(text)
        assert function(once) == once, function.__name__


@given(texts)
def test_clean_text_is_in_nfc_and_has_one_kind_of_line_break(text: str) -> None:
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert is_blank(cleaned) is (cleaned == "")
    if not find_refused_characters(cleaned):
        assert len(cleaned.splitlines()) == (cleaned.count("\n") + 1 if cleaned else 0)


@given(texts)
def test_problems_of_a_text_are_those_of_what_is_stored(text: str) -> None:
    stored = clean_text(text)
    assert {problem.code for problem in find_text_problems(stored, 9, ())} <= {
        problem.code for problem in find_text_problems(text, 9, ())
    }
    if not is_blank(text):
        assert any(problem.code == "text.too_long" for problem in find_text_problems(text, 9, ())) is (
            len(stored) > 9
        )


@given(texts)
def test_place_of_a_refused_character_leads_to_it(text: str) -> None:
    normalised = normalize_text(text)
    for character, (line, column) in find_refused_characters(normalised).items():
        assert normalised.split("\n")[line - 1][column - 1] == character


@given(texts)
def test_name_has_one_line_and_nothing_invisible(text: str) -> None:
    name = clean_name(text)
    assert name == " ".join(name.split())
    assert not any(
        one in name for one in "\u034f\u115f\u200b\u200d\u202a\u202e\u2066\u2069\u2800\u3164\u00ad"
    )


@given(texts)
def test_escaped_text_is_the_same_text_and_harmless(text: str) -> None:
    escaped = escape_text(text)
    assert not any(
        unicodedata.category(one) in ("Cc", "Cs", "Co", "Zl", "Zp") for one in escaped if one not in "\n\t"
    )
    assert not any("\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069" for one in escaped)
    document = json.dumps({"a": text}, ensure_ascii=False)
    assert json.loads(escape_text(document), strict=False) == json.loads(document, strict=False)


def test_names_are_sorted_as_in_an_indonesian_list() -> None:
    names = [
        "Zulfa",
        "Ma'ruf",
        "andi Putra",
        "Édi",
        "Andi",
        "Eka",
        "MARUF B",
        "I Gusti",
        "Ida",
        "Đorđe",
        "M.Yusuf",
    ]
    expected = [
        "Andi",
        "andi Putra",
        "Đorđe",
        "Édi",
        "Eka",
        "I Gusti",
        "Ida",
        "M.Yusuf",
        "Ma'ruf",
        "MARUF B",
        "Zulfa",
    ]
    assert sorted(names, key=sort_key) == expected


@given(texts, texts)
def test_sort_key_ignores_case_accents_and_invisible_characters(name: str, other: str) -> None:
    key = sort_key(name)
    assert sort_key(f"\u200b{name}\u202e") == key
    assert all(one.isalnum() or one == " " for one in key)
    assert (sort_key(name) < sort_key(other)) is (sort_key(name).encode() < sort_key(other).encode())


def test_right_to_left_name_is_isolated_in_a_sentence() -> None:
    messages = Messages({"x": {"en": "{nama} approved at {place}."}}, lambda value, _: str(value))
    problem = Sentence("x", {"nama": "أحمد", "place": "SD 2"})
    assert messages.text(problem, "en") == "\u2068أحمد\u2069 approved at SD 2."
    assert (
        messages.text(Sentence("x", {"nama": "a\u202eb", "place": "\x1b[2J"}), "en")
        == "a\\u202eb approved at \\u001b[2J."
    )
    assert isolate(isolate("أحمد")) == isolate("أحمد")


def test_log_line_holds_nothing_that_a_terminal_obeys() -> None:
    record = logging.LogRecord("a", 20, "", 0, "name %s", ("x\n\x1b[2J\u202e2024 INFO forged",), None)
    assert LineFormatter("%(message)s").format(record) == "name x\\n\\u001b[2J\\u202e2024 INFO forged"
