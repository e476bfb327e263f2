"""The texts of this room's codes (`messages.yaml`) and its own telling (`words.yaml`), in both languages."""

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
PATH = Path(__file__).parent / "messages.yaml"
WORDS = PATH.with_name("words.yaml")
MONTHS: Mapping[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Mapping[Language, str]]:
    """Every code with its two texts."""
    read: Mapping[str, Mapping[Language, str]] = yaml.safe_load(PATH.read_bytes())
    return read


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[Language, str]]:
    """The words in which the core tells what it proved: parts of sentences, and sentences for admins."""
    read: Mapping[str, Mapping[Language, str]] = yaml.safe_load(WORDS.read_bytes())
    return read


@dataclass(frozen=True, slots=True)
class Said:
    """A value that is itself told: a code with its own values."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def say(code: str, params: Mapping[str, object], language: Language) -> str:
    """The sentence for a code; a code of another room is answered with the code itself."""
    template = (texts().get(code) or words().get(code, {})).get(language)
    shown = {name: show(value, language) for name, value in params.items()}
    return code if template is None else template.format_map(_Shown(shown))


def show(value: object, language: Language) -> str:
    """A value as a person reads it: days as "31 Januari 2024", instants with their clock's time, lists with commas."""
    if isinstance(value, Said):
        return say(value.code, value.params, language)
    if isinstance(value, Label):
        return value.id if language == "id" else value.en
    if isinstance(value, bool):
        return "true" if value else "false"  # as definitions write it
    if isinstance(value, datetime):
        at = f"pukul {value:%H.%M}" if language == "id" else f"at {value:%H:%M}"
        return f"{show(value.date(), language)} {at} {value.tzname()}"
    if isinstance(value, date):
        return f"{value.day} {MONTHS[language].split()[value.month - 1]} {value.year}"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(show(item, language) for item in value)
    return str(value)


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
