"""How an outsider names a teacher: by ptk_id, or by a number that identity knows whom it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["ptk_id", "nip", "nuptk"]
_FORMS: Mapping[Kind, re.Pattern[str]] = {
    "ptk_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """One key, as it was given. One of another form than its kind's names nobody, and is asked for nowhere."""

    kind: Kind
    value: str

    @property
    def ptk_id(self) -> str | None:
        """The ptk_id in the form that all of us use, where it is one."""
        return self.value.lower() if self.kind == "ptk_id" and self._is_sound else None

    @property
    def as_number(self) -> Mapping[str, str] | None:
        """As identity is asked for it, where it is a number."""
        return {self.kind: self.value} if self.kind != "ptk_id" and self._is_sound else None

    @property
    def _is_sound(self) -> bool:
        return _FORMS[self.kind].fullmatch(self.value.lower()) is not None
