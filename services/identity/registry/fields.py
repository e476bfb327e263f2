"""The kinds of values in Dapodik's fields, with its habits: numbers as strings, `-` for nothing."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from services.identity.registry.json_input import Json

MAXIMUM_TEXT = 250
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.+Z-]*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOTHING = ("", "-", "--", "null")


def refused(code: str) -> PydanticCustomError:
    """The refusal of one field's value, by our code."""
    return PydanticCustomError(code, code)


def clean_text(value: object) -> str | None:
    """Text in one line, NFC, or None for nothing; NUL, control characters and lone surrogates are refused."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise refused("field.not_text")
    if _CONTROL.search(value) or any("\ud800" <= character <= "\udfff" for character in value):
        raise refused("field.unreadable_characters")
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > MAXIMUM_TEXT:
        raise refused("field.too_long")
    return None if text.lower() in _NOTHING else text


def _identifier(value: object) -> str | None:
    # Excel rounds to 15 digits: a number cannot be trusted, whatever it says (dapodik.md §5)
    if isinstance(value, int | float):
        raise refused("identifier.number")
    text = clean_text(value)
    return re.sub(r"[\s.'-]", "", text) or None if text else None


def _npsn(value: object) -> str:
    text = (_identifier(value) or "").upper()
    if not re.fullmatch(r"[0-9P][0-9A-Z]{7}", text, re.ASCII):
        raise refused("npsn.pattern")
    return text


def _optional_npsn(value: object) -> str | None:
    return None if clean_text(value) is None else _npsn(value)


def _digits(length: int, code: str) -> BeforeValidator:
    def check(value: object) -> str | None:
        text = _identifier(value)
        if text is not None and not re.fullmatch(rf"\d{{{length}}}", text, re.ASCII):
            raise refused(code)
        return text

    return BeforeValidator(check)


def _number(value: object) -> int | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else clean_text(value)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise refused("field.not_a_number")
    return int(text)


def _code(value: object) -> str | None:
    number = _number(value)
    return None if number is None else str(number)


def _yes(value: object) -> bool:
    if value in (1, "1", True):
        return True
    if value in (0, "0", False):
        return False
    raise refused("field.not_yes_or_no")


def _date(value: object) -> date | None:
    text = clean_text(value)
    if text is None or text.startswith("0000-00-00"):
        return None
    parts = _DATE.fullmatch(text)
    try:
        day = date(*(int(part) for part in parts.groups())) if parts else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2100:
        raise refused("field.not_a_date")
    return day


def _uuid(value: object) -> UUID | None:
    text = clean_text(value)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", text):
        raise refused("field.not_a_uuid")
    return UUID(text)


def _needed(value: object) -> object:
    if clean_text(value) is None:
        raise refused("field.missing")
    return value


Needed = BeforeValidator(_needed)
Text = Annotated[str | None, BeforeValidator(clean_text)]
Npsn = Annotated[str, BeforeValidator(_npsn)]
OptionalNpsn = Annotated[str | None, BeforeValidator(_optional_npsn)]
Nip = Annotated[str | None, _digits(18, "nip.length")]
Nuptk = Annotated[str | None, _digits(16, "nuptk.length")]
# a foreigner's passport number stands in the same field, so only its type is checked here
Nik = Annotated[str | None, BeforeValidator(_identifier)]
Number = Annotated[int | None, BeforeValidator(_number)]
Code = Annotated[str | None, BeforeValidator(_code)]
Yes = Annotated[bool, BeforeValidator(_yes)]
Date = Annotated[date | None, BeforeValidator(_date)]
Uuid = Annotated[UUID | None, BeforeValidator(_uuid)]
RequiredText = Annotated[str, BeforeValidator(clean_text), Needed]
RequiredUuid = Annotated[UUID, BeforeValidator(_uuid), Needed]
RequiredCode = Annotated[str, BeforeValidator(_code), Needed]
RequiredDate = Annotated[date, BeforeValidator(_date), Needed]


_PNS = re.compile(r"(I|II|III|IV)\s*[/. ]\s*([A-E])")
# golongan of a PPPK, Perpres 98/2020
_PPPK = re.compile(r"X?(I|II|III|IV|V|VI|VII)|VIII|IX|X")
_text: TypeAdapter[str | None] = TypeAdapter(Text)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    tmt_pangkat: RequiredDate
    pangkat_golongan_id_str: RequiredText


def latest_pangkat(history: Json, last: Json) -> tuple[str | None, tuple[str, ...]]:
    """The rank by the youngest `tmt_pangkat` of the history, else `pangkat_golongan_terakhir`; and flags.

    A broken history must not keep a teacher out, so what cannot be read is flagged, not refused.
    """
    entries = history if isinstance(history, list) else []
    read = [entry for entry in map(_entry, entries) if entry]
    flags = ("pangkat.history",) if len(read) < len(entries) else ()
    if read:
        text: str | None = max(read, key=lambda entry: entry.tmt_pangkat).pangkat_golongan_id_str
    else:
        try:
            text = _text.validate_python(last)
        except ValidationError:
            return None, (*flags, "pangkat.unreadable")
    rank = canonical(text) if text else None
    return rank, (*flags, "pangkat.unreadable") if text and rank is None else flags


def canonical(text: str) -> str | None:
    """`iii / C` as `III/c`, `ix` as `IX`; None for what is no rank."""
    upper = text.upper().strip()
    if pns := _PNS.fullmatch(upper):
        return f"{pns[1]}/{pns[2].lower()}"
    return upper if _PPPK.fullmatch(upper) else None


def _entry(value: Json) -> _Entry | None:
    try:
        return _Entry.model_validate(value)
    except ValidationError:
        return None
