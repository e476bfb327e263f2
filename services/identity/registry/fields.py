"""Types of Dapodik's fields. Dapodik sends numbers as strings, and `-` for no value."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from services.identity.people.model import ZONES
from services.identity.registry.json_input import Json, as_list
from services.kit.clock import parse_date, parse_instant
from services.kit.text import clean_name, find_invisible_character, find_refused_characters, name_character

MAX_TEXT_LENGTH = 250
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?")
_NOTHING = ("", "-", "--", "null")


def refuse(code: str, **params: str) -> PydanticCustomError:
    """Return the validation error of a field with a code of ours and the values of its text."""
    return PydanticCustomError(code, code, params)


def read_text(value: object) -> str | None:
    """Return a text as a name on one line, or None for no value. Refuses characters that cannot be shown."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise refuse("field.not_text")
    text = clean_name(value)
    for character in find_refused_characters(text):
        raise refuse("field.unreadable_characters", character=name_character(character))
    if len(text) > MAX_TEXT_LENGTH:
        raise refuse("field.too_long")
    return None if text.lower() in _NOTHING else text


def _refuse_invisible(value: object) -> object:
    # somebody else could own the address without it
    if isinstance(value, str) and (character := find_invisible_character(value)):
        column = str(value.index(character) + 1)
        raise refuse("account.invisible", character=name_character(character), column=column)
    return value


def _identifier(value: object) -> str | None:
    # Excel rounds numbers to 15 digits (dapodik.md §5)
    if isinstance(value, int | float):
        raise refuse("identifier.number")
    text = read_text(value)
    return re.sub(r"[\s.'-]", "", text) or None if text else None


def _npsn(value: object) -> str:
    text = (_identifier(value) or "").upper()
    if not re.fullmatch(r"[0-9P][0-9A-Z]{7}", text, re.ASCII):
        raise refuse("npsn.pattern")
    return text


def _optional_npsn(value: object) -> str | None:
    return None if read_text(value) is None else _npsn(value)


def _digits(length: int, code: str) -> BeforeValidator:
    def check(value: object) -> str | None:
        text = _identifier(value)
        if text is not None and not re.fullmatch(rf"\d{{{length}}}", text, re.ASCII):
            raise refuse(code)
        return text

    return BeforeValidator(check)


def _number(value: object) -> int | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else read_text(value)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise refuse("field.not_a_number")
    return int(text)


def _code(value: object) -> str | None:
    number = _number(value)
    return None if number is None else str(number)


def _flag(value: object) -> bool:
    if value in (1, "1", True):
        return True
    if value in (0, "0", False):
        return False
    raise refuse("field.not_yes_or_no")


def _date(value: object) -> date | None:
    text = read_text(value)
    if text is None or text.startswith("0000-00-00"):
        return None
    try:
        return _read_day(text[:10], text[10:])
    except ValueError:
        raise refuse("field.not_a_date") from None


def _read_day(day: str, time: str) -> date:
    """Return the day of a date, alone or with the midnight that Dapodik adds, or of an instant with its offset.

    JavaScript writes a day as its midnight in UTC: 16 January in Jakarta is 2024-01-15T17:00:00.000Z. An instant that
    is midnight in WIB, WITA or WIT is that day, any other one its day in WIB. Raises ValueError.
    """
    if not time or _MIDNIGHT.fullmatch(time):
        return parse_date(day)
    at = parse_instant(f"{day}T{time[1:]}")
    local = [at.astimezone(ZoneInfo(zone)) for zone in ZONES.values()]
    midnights = [one for one in local if (one.hour, one.minute) == (0, 0)]
    return (midnights or local)[0].date()


def _uuid(value: object) -> UUID | None:
    text = read_text(value)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", text):
        raise refuse("field.not_a_uuid")
    return UUID(text)


def _require(value: object) -> object:
    if read_text(value) is None:
        raise refuse("field.missing")
    return value


Required = BeforeValidator(_require)
Text = Annotated[str | None, BeforeValidator(read_text)]
Npsn = Annotated[str, BeforeValidator(_npsn)]
OptionalNpsn = Annotated[str | None, BeforeValidator(_optional_npsn)]
Nip = Annotated[str | None, _digits(18, "nip.length")]
Nuptk = Annotated[str | None, _digits(16, "nuptk.length")]
# foreigners have a passport number in this field
Nik = Annotated[str | None, BeforeValidator(_identifier)]
Number = Annotated[int | None, BeforeValidator(_number)]
Code = Annotated[str | None, BeforeValidator(_code)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Date = Annotated[date | None, BeforeValidator(_date)]
Uuid = Annotated[UUID | None, BeforeValidator(_uuid)]
RequiredText = Annotated[str, BeforeValidator(read_text), Required]
RequiredAddress = Annotated[str, BeforeValidator(read_text), Required, BeforeValidator(_refuse_invisible)]
RequiredUuid = Annotated[UUID, BeforeValidator(_uuid), Required]
RequiredCode = Annotated[str, BeforeValidator(_code), Required]
RequiredDate = Annotated[date, BeforeValidator(_date), Required]


MAX_RANK_LENGTH = 20
_PNS = re.compile(r"(I|II|III|IV)\s*[/. ]\s*([A-E])")
# golongan of a PPPK, Perpres 98/2020
_PPPK = re.compile(r"X?(I|II|III|IV|V|VI|VII)|VIII|IX|X")
_text: TypeAdapter[str | None] = TypeAdapter(Text)


class _RankEntry(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    tmt_pangkat: RequiredDate
    pangkat_golongan_id_str: RequiredText


def find_latest_pangkat(history: Json, last_value: Json) -> tuple[str | None, tuple[str, ...]]:
    """Return the rank with the latest `tmt_pangkat`, or else `pangkat_golongan_terakhir`, and flags.

    Unreadable entries are flagged and not refused, so that a broken history does not keep a teacher out.
    """
    history = as_list(history)
    entries = history if isinstance(history, list) else []
    valid_entries = [entry for entry in map(_read_rank_entry, entries) if entry]
    flags = ("pangkat.history",) if len(valid_entries) < len(entries) else ()
    if valid_entries:
        text: str | None = max(valid_entries, key=lambda entry: entry.tmt_pangkat).pangkat_golongan_id_str
    else:
        try:
            text = _text.validate_python(last_value)
        except ValidationError:
            return None, (*flags, "pangkat.unreadable")
    rank = normalize_rank(text) if text else None
    return rank, (*flags, "pangkat.unreadable") if text and rank is None else flags


def normalize_rank(text: str) -> str | None:
    """Normalize a rank: `iii / C` → `III/c`, `ix` → `IX`. Returns None for another text."""
    if len(text) > MAX_RANK_LENGTH:  # a pattern with two runs of spaces takes quadratic time
        return None
    upper = text.upper().strip()
    if pns := _PNS.fullmatch(upper):
        return f"{pns[1]}/{pns[2].lower()}"
    return upper if _PPPK.fullmatch(upper) else None


def _read_rank_entry(value: Json) -> _RankEntry | None:
    try:
        return _RankEntry.model_validate(value)
    except ValidationError:
        return None
