"""Every code of this room speaks Indonesian and English, and names the way out."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from workflows.engine.authority import AUTHORITIES
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES
from workflows.files.reader import read_yaml
from workflows.model.messages import (
    MESSAGES_FILE,
    PHRASES_FILE,
    Language,
    format_message,
    load_messages,
    load_phrases,
)

ROOM = MESSAGES_FILE.parents[1]
CODE = re.compile(r'(?:Refusal|_refuse|Finding|fault|_find|_call)\([^"\n]*"([a-z]+\.[a-z_]+)"')


def declared() -> set[str]:
    codes = {code for predicate in PREDICATES.values() for code in (*predicate.codes, predicate.negated_code)}
    return codes | {code for who in AUTHORITIES.values() for code in who.codes} | set(REQUIREMENTS.values())


def written_in_code() -> set[str]:
    return {code for path in Path(ROOM).rglob("*.py") for code in CODE.findall(path.read_text())}


def test_every_code_that_is_declared_or_written_has_a_text() -> None:
    assert written_in_code() > {
        "window.closed",
        "lint.unreachable",
        "yaml.tag",
        "definition.twice",
        "value.missing",
    }
    examples = {code for code in load_phrases() if code.startswith("example.")}
    assert declared() | written_in_code() <= {*load_messages(), *examples}


def test_no_text_stands_without_a_code() -> None:
    source = "".join(path.read_text() for path in Path(ROOM).rglob("*.py"))
    composed = {f"value.{kind}_expected" for kind in ("bool", "int", "date")}
    composed |= {f"lint.wrong_{kind}" for kind in ("bool", "int", "date", "head")}
    assert {code for code in load_messages() if f'"{code}"' not in source} == composed


@pytest.mark.parametrize("code", load_messages())
def test_a_text_is_a_sentence_in_both_languages_with_the_same_values(code: str) -> None:
    text = load_messages()[code]
    assert set(text) == {"id", "en"}
    assert text["id"] != text["en"]
    assert all(sentence[-1] in ".?" and " " in sentence for sentence in text.values())
    named = [{name for _, name, _, _ in Formatter().parse(sentence) if name} for sentence in text.values()]
    assert named[0] == named[1]


@pytest.mark.parametrize("code", load_phrases())
def test_words_are_there_in_both_languages_with_the_same_values(code: str) -> None:
    both = (load_phrases()[code]["id"], load_phrases()[code]["en"])
    named = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in both]
    assert named[0] == named[1]


def test_every_condition_and_every_role_has_words() -> None:
    told = {f"cond.{name}" for name in (*PREDICATES, "not", "any", "all", "value")}
    assert {code for code in load_phrases() if code.startswith("cond.")} == told
    assert {f"who.{by.role}" for by in AUTHORITIES} == {
        code for code in load_phrases() if code.startswith("who.")
    }


def test_the_files_are_as_strict_as_a_definition() -> None:
    assert read_yaml(MESSAGES_FILE.read_bytes()) == load_messages()
    assert read_yaml(PHRASES_FILE.read_bytes()) == load_phrases()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("id", "Perencanaan dibuka pada 1 Mei 2024. "), ("en", "Planning opens on 1 May 2024. ")],
)
def test_days_are_written_as_people_write_them(language: Language, sentence: str) -> None:
    assert format_message("window.not_open", {"opens": date(2024, 5, 1)}, language).startswith(sentence)


def test_what_is_not_known_never_breaks_a_sentence() -> None:
    assert "…" in format_message("window.not_open", {}, "en")
    assert format_message("praktik.missing", {}, "en") == "praktik.missing"
    instant = datetime(2024, 5, 1, 9, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert "1 Mei 2024 pukul 09.05 WIB" in format_message("window.not_open", {"opens": instant}, "id")
    assert "1 May 2024 at 09:05 WIB" in format_message("window.not_open", {"opens": instant}, "en")
