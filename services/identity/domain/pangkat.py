"""Pangkat/golongan: of a PNS `III/c`, of a PPPK `IX`; the newest of the history, else the last told."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.identity.domain import fields
from services.identity.domain.json_input import Json

_PNS = re.compile(r"(I|II|III|IV)\s*[/. ]\s*([A-E])")
# golongan of a PPPK, Perpres 98/2020
_PPPK = re.compile(r"X?(I|II|III|IV|V|VI|VII)|VIII|IX|X")
_text: TypeAdapter[str | None] = TypeAdapter(fields.Text)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    tmt_pangkat: fields.RequiredDate
    pangkat_golongan_id_str: fields.RequiredText


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
