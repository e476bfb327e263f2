"""Messages (`messages.yaml`) and phrases (`phrases.yaml`) of the workflow core, in Indonesian and English."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from workflows.model.definition import Label

Language = Literal["id", "en"]
Texts = Mapping[str, Mapping[Language, str]]
MESSAGES_FILE = Path(__file__).parent / "messages.yaml"
PHRASES_FILE = MESSAGES_FILE.with_name("phrases.yaml")
MONTHS: Mapping[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}


@lru_cache(maxsize=1)
def load_messages() -> Texts:
    """Return the texts of every problem and finding code."""
    messages: Texts = yaml.load(MESSAGES_FILE.read_bytes(), yaml.CSafeLoader)
    return messages


@lru_cache(maxsize=1)
def load_phrases() -> Texts:
    """Return the texts that describe witnesses, conditions and differences."""
    phrases: Texts = yaml.load(PHRASES_FILE.read_bytes(), yaml.CSafeLoader)
    return phrases


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parameter that is itself a text: a code with its own parameters."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def format_message(code: str, params: Mapping[str, object], language: Language) -> str:
    """Return the text of a code with its parameters filled in; the code itself if it has no text here."""
    template = (load_messages().get(code) or load_phrases().get(code, {})).get(language)
    values = {name: format_value(value, language) for name, value in params.items()}
    return code if template is None else template.format_map(defaultdict(lambda: "…", values))


def format_value(value: object, language: Language) -> str:
    """Format a parameter for people: days as "31 Januari 2024", instants with their local time, lists with commas."""
    if isinstance(value, Phrase):
        return format_message(value.code, value.params, language)
    if isinstance(value, Label):
        return value.id if language == "id" else value.en
    if isinstance(value, bool):
        return "true" if value else "false"  # as definitions write it
    if isinstance(value, datetime):
        at = f"pukul {value:%H.%M}" if language == "id" else f"at {value:%H:%M}"
        return f"{format_value(value.date(), language)} {at} {value.tzname()}"
    if isinstance(value, date):
        return f"{value.day} {MONTHS[language].split()[value.month - 1]} {value.year}"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(format_value(item, language) for item in value)
    return str(value)
