"""What planning is told of a school and of who heads it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.head import Head
from services.identity.domain.registry import Known, Row, SchoolFacts, ZoneFacts
from services.identity.domain.view_fact import View, day, fact, instant, reference


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """All that is on record of one school; `as_of` is when anything about it was last told."""

    known: Known[SchoolFacts]
    revision: int
    zone: Row[ZoneFacts] | None
    head: Head
    as_of: datetime


def school_view(record: SchoolRecord) -> View:
    """The answer of `/v1/schools/{npsn}`."""
    facts, told, zone = record.known.facts, record.known.told, record.zone
    bentuk = reference(facts.bentuk_pendidikan_id, facts.bentuk_pendidikan)
    return {
        "npsn": facts.npsn,
        "nama": fact(facts.nama, told.get("nama")),
        "revision": record.revision,
        "bentuk_pendidikan": fact(bentuk, told.get("bentuk_pendidikan_id")),
        "status_sekolah": fact(facts.status_sekolah, told.get("status_sekolah")),
        "kabupaten_kota": fact(facts.kabupaten_kota, told.get("kabupaten_kota")),
        "provinsi": fact(facts.provinsi, told.get("provinsi")),
        "zone": fact(zone.facts.zone if zone else None, zone.told if zone else None),
        "head": _head(record.head, record.as_of),
    }


def _head(head: Head, as_of: datetime) -> View:
    evidence = [{"code": item.code, "params": dict(item.params)} for item in head.evidence]
    return {
        "kind": head.kind,
        "ptk_id": str(head.ptk_id) if head.ptk_id else None,
        "nama": head.nama,
        "since": day(head.since),
        "evidence": evidence,
        "as_of": instant(as_of),
    }
