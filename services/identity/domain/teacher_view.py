"""What planning is told of a teacher. Of an account never the address: planning has no use for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.identity.domain.account import Account
from services.identity.domain.registry import AssignmentFacts, Known, Row, TeacherFacts, induk_of
from services.identity.domain.view_fact import View, day, fact, instant, reference


@dataclass(frozen=True, slots=True)
class TeacherRecord:
    """All that is on record of one person; `school_names` by NPSN, `kepala_at` and `plt_at` as of today."""

    known: Known[TeacherFacts]
    revision: int
    assignments: list[Row[AssignmentFacts]]
    school_names: Mapping[str, str]
    kepala_at: Sequence[str]
    plt_at: Sequence[str]
    accounts: Sequence[Account]


def teacher_view(record: TeacherRecord) -> View:
    """The answer of `/v1/teachers/{ptk_id}`; `status` is `left` when the person is at no school any more."""
    active = sorted(
        (row for row in record.assignments if row.left_at is None), key=lambda row: row.facts.npsn
    )
    induk = induk_of(active)
    return {
        "ptk_id": str(record.known.facts.ptk_id),
        "revision": record.revision,
        "facts": _facts(record.known, next((row for row in active if row.facts.npsn == induk), None)),
        "assignments": [_assignment(row, record.school_names, induk) for row in active],
        "plt_at": sorted(record.plt_at),
        "kepala_at": sorted(record.kepala_at),
        "accounts": [_account(account) for account in record.accounts],
        "flags": [{"code": code, "fact": code.split(".")[0]} for code in record.known.facts.flags],
        "status": "active" if active else "left",
    }


def _facts(known: Known[TeacherFacts], induk: Row[AssignmentFacts] | None) -> View:
    facts, told = known.facts, known.told
    status = reference(facts.status_kepegawaian_id, facts.status_kepegawaian)
    jenis = reference(facts.jenis_ptk_id, facts.jenis_ptk)
    return {
        "nama": fact(facts.nama, told.get("nama")),
        "nip": fact(facts.nip, told.get("nip")),
        "nuptk": fact(facts.nuptk, told.get("nuptk")),
        "status_kepegawaian": fact(status, told.get("status_kepegawaian_id")),
        "jenis_ptk": fact(jenis, told.get("jenis_ptk_id")),
        "pangkat_golongan": fact(facts.pangkat_golongan, told.get("pangkat_golongan")),
        "jenjang_jabatan": fact(None, None),  # no source tells it yet; unknown is never guessed
        "tanggal_lahir": fact(day(facts.tanggal_lahir), told.get("tanggal_lahir")),
        "sekolah_induk": fact(induk.facts.npsn if induk else None, induk.told if induk else None),
    }


def _assignment(row: Row[AssignmentFacts], names: Mapping[str, str], induk: str | None) -> View:
    return {
        "npsn": row.facts.npsn,
        "nama": names.get(row.facts.npsn),
        "induk": row.facts.npsn == induk,
        "since": day(row.facts.since),
        "source": row.told.source,
        "as_of": instant(row.told.as_of),
    }


def _account(account: Account) -> View:
    return {
        "id": str(account.id),
        "npsn": account.npsn,
        "opened": day(account.opened),
        "closed": day(account.closed),
    }
