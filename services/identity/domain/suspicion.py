"""What looks wrong about a person's numbers but does not hinder: flags, for the school operator to look at.

Rules: dapodik.md §5. A NIP is birth date, month of appointment, sex, serial; in the number of a PPPK the
count of contracts (`21` in every public sample) stands for the month: so civil servants only have it checked.
"""

from __future__ import annotations

from datetime import date

CIVIL_SERVANTS = {1, 2, 3, 10}


def flags_of(
    nip: str | None, nuptk: str | None, nik: str | None, born: date | None, status: int | None
) -> tuple[str, ...]:
    """Codes of what is suspicious, in a fixed order."""
    birth = born.strftime("%Y%m%d") if born else None
    checks = {
        "nip.rounded": nip is not None and nip.endswith("000"),  # serials start at 001
        "nip.birth_date": nip is not None and birth is not None and nip[:8] != birth,
        "nip.structure": nip is not None and status in CIVIL_SERVANTS and not "01" <= nip[12:14] <= "12",
        "nuptk.rounded": nuptk is not None and nuptk.endswith("0"),
        "nik.structure": nik is not None and not _plausible_nik(nik, born),
        "nik.rounded": nik is not None and len(nik) == 16 and nik.endswith("0"),
    }
    return tuple(code for code, suspicious in checks.items() if suspicious)


def _plausible_nik(nik: str, born: date | None) -> bool:
    """16 digits, the 7th to 12th ddmmyy, women with 40 added to the day; with letters a passport."""
    if not (nik.isascii() and nik.isdigit()):
        return nik.isalnum()
    if len(nik) != 16 or born is None:
        return len(nik) == 16
    rest = born.strftime("%m%y")
    return nik[8:12] == rest and int(nik[6:8]) in (born.day, born.day + 40)
