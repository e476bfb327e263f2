"""The texts of this room's codes (`messages.yaml`) and its own telling (`phrases.yaml`), in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from workflows.model.definition import Label

Language = Literal["id", "en"]
MESSAGES_FILE = Path(__file__).parent / "messages.yaml"
PHRASES_FILE = MESSAGES_FILE.with_name("phrases.yaml")
MONTHS: Mapping[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}


@lru_cache(maxsize=1)
def load_messages() -> Mapping[str, Mapping[Language, str]]:
    """Every code with its two texts."""
    read: Mapping[str, Mapping[Language, str]] = yaml.safe_load(MESSAGES_FILE.read_bytes())
    return read


@lru_cache(maxsize=1)
def load_phrases() -> Mapping[str, Mapping[Language, str]]:
    """The words in which the core tells what it proved: parts of sentences, and sentences for admins."""
    read: Mapping[str, Mapping[Language, str]] = yaml.safe_load(PHRASES_FILE.read_bytes())
    return read


@dataclass(frozen=True, slots=True)
class Phrase:
    """A value that is itself told: a code with its own values."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def format_message(code: str, params: Mapping[str, object], language: Language) -> str:
    """The sentence for a code; a code of another room is answered with the code itself."""
    template = (load_messages().get(code) or load_phrases().get(code, {})).get(language)
    shown = {name: format_value(value, language) for name, value in params.items()}
    return code if template is None else template.format_map(_Shown(shown))


def format_value(value: object, language: Language) -> str:
    """A value as a person reads it: days as "31 Januari 2024", instants with their clock's time, lists with commas."""
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


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
