"""The content of a plan: data diri, the four tabs, rangkuman, and changes since the last submission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry

from services.planning.api.context import Context
from services.planning.api.types.catalog import Pilihan
from services.planning.history.queries import changes_since_last_submission
from services.planning.people.model import Fact as DomainFact
from services.planning.people.model import Reference
from services.planning.period.catalog import Catalog
from services.planning.plan import profile as profiles
from services.planning.plan import rangkuman as rangkumans
from services.planning.plan import tabs
from services.planning.plan.content_change import ChangeDescription
from services.planning.plan.model import Plan
from services.planning.plan.queries import OfferedDuty, PlanView
from services.planning.plan.tabs import PerilakuKerja
from workflows.model.messages import Language, format_value


@strawberry.type(description="A fact with its source and its date.")
class Fact:
    value: str | None = strawberry.field(description="The value; null if it is not known.")
    source: str | None = strawberry.field(
        description="`dapodik:…`, which the operator sekolah can correct, or `teacher`."
    )
    as_of: datetime | None = strawberry.field(description="The date of the source.")


@strawberry.enum(
    description="A field of data diri that `correctProfile` can change. Values can be added: ignore an unknown one."
)
class ProfileField(Enum):
    PANGKAT_GOLONGAN = strawberry.enum_value("pangkat_golongan", description="`pangkatGolongan`.")
    RUANG = strawberry.enum_value("ruang", description="`ruang`.")
    JENJANG_JABATAN = strawberry.enum_value("jenjang_jabatan", description="`jenjangJabatan`.")


@strawberry.type(
    description="Data diri. The teacher checks it before planning. Corrections stay with the plan and never go to "
    "Dapodik."
)
class Profile:
    nama: Fact = strawberry.field(description="Name. It can be corrected in Dapodik only.")
    nip: Fact = strawberry.field(description="NIP or NI PPPK. It can be corrected in Dapodik only.")
    nuptk: Fact = strawberry.field(description="NUPTK. It can be corrected in Dapodik only.")
    satuan_pendidikan: Fact = strawberry.field(
        description="Name and NPSN of the school, with source and date of the assignment to it. It can be corrected in "
        "Dapodik only."
    )
    status_kepegawaian: Fact = strawberry.field(description="The employment status.")
    jenis_ptk: Fact = strawberry.field(description="The kind of educator.")
    pangkat_golongan: Fact = strawberry.field(description="Golongan and ruang, such as `III/c`.")
    jenjang_jabatan: Fact = strawberry.field(description="Jenjang jabatan. Some options depend on it.")
    confirmed_at: datetime | None = strawberry.field(
        description="When the teacher confirmed or corrected it; null if not yet."
    )
    corrected_at: datetime | None = strawberry.field(
        description="When the teacher used the correction of the period; null if not yet."
    )
    editable_fields: list[ProfileField] = strawberry.field(
        description="The fields that the teacher can correct with `correctProfile`; often none. The allowed values are "
        "in the plan's catalogue."
    )
    asked_fields: list[ProfileField] = strawberry.field(
        description="The fields that Dapodik does not have, to be asked with `confirmProfile`. A value of an earlier "
        "period, with source `teacher`, is a proposal."
    )


def render_profile(plan: Plan, catalog: Catalog) -> Profile:
    """Render data diri."""
    profile, school = plan.profile, plan.school
    levels = {row.code: row.label for row in catalog.jenjang_jabatan}
    return Profile(
        nama=render_fact(profile.nama),
        nip=render_fact(profile.nip),
        nuptk=render_fact(profile.nuptk),
        satuan_pendidikan=Fact(
            value=f"{school.nama} (NPSN {school.npsn})", source=school.source, as_of=school.as_of
        ),
        status_kepegawaian=render_fact(profile.status_kepegawaian, _label),
        jenis_ptk=render_fact(profile.jenis_ptk, _label),
        pangkat_golongan=render_fact(profile.pangkat_golongan),
        jenjang_jabatan=render_fact(profile.jenjang_jabatan, lambda code: levels.get(code, code)),
        confirmed_at=profile.confirmed_at,
        corrected_at=profile.corrected_at,
        editable_fields=[ProfileField(name) for name in profiles.list_editable_fields(profile, catalog)],
        asked_fields=[ProfileField.JENJANG_JABATAN]
        if profiles.asks_jenjang_jabatan(profile, catalog)
        else [],
    )


def render_fact(fact: DomainFact[Any], show: Callable[[Any], str | None] = str) -> Fact:
    """Render a fact with its value as text."""
    value = None if fact.value is None else show(fact.value)
    return Fact(value=value, source=fact.source, as_of=fact.as_of)


def _label(reference: Reference) -> str | None:
    return reference.label or (str(reference.id) if reference.id is not None else None)


@strawberry.type(description="An additional duty with its decree.")
class Tugas:
    code: str = strawberry.field(description="Code of the duty.")
    nomor_sk: str | None = strawberry.field(
        description="Number of the surat keputusan or surat tugas; null if missing."
    )
    tanggal_sk: date | None = strawberry.field(description="Date of the decree; null if missing.")


@strawberry.type(description="An additional duty of the owner that is on record, with its decree.")
class RegisteredDuty:
    code: str = strawberry.field(description="Code of the duty in the catalogue.")
    label: str = strawberry.field(description="Text of the screen.")
    nomor_sk: str | None = strawberry.field(description="Number of the decree; null if it is not on record.")
    since: date = strawberry.field(
        description="First day of the duty (TMT). The date of the decree is not on record."
    )
    source: str = strawberry.field(description="The source, as in `Fact`.")
    as_of: datetime = strawberry.field(description="The date of the source.")


def render_registered_duty(offered: OfferedDuty) -> RegisteredDuty:
    """Render a duty on record."""
    row, duty = offered.row, offered.duty
    return RegisteredDuty(
        code=row.code, label=row.label, nomor_sk=duty.nomor_sk, since=duty.tmt, source=duty.source, as_of=duty.as_of
    )  # fmt: skip


@strawberry.type(description="The choices of a plan. What is not chosen yet is null or not in the list.")
class Content:
    praktik_kinerja: str | None = strawberry.field(description="Tab 1: the indikator or sub indikator.")
    pengembangan_kompetensi: list[str] = strawberry.field(description="Tab 2: the RHK.")
    tugas_tambahan: list[Tugas] = strawberry.field(
        description="Tab 3: the duties. An empty list is complete."
    )
    perilaku_kerja: list[Pilihan] = strawberry.field(description="Tab 4: one behaviour in each aspek so far.")


def render_content(content: tabs.Content) -> Content:
    """Render the choices."""
    return Content(
        praktik_kinerja=content.praktik_kinerja.indikator,
        pengembangan_kompetensi=list(content.pengembangan_kompetensi.rhk),
        tugas_tambahan=[
            Tugas(code=tugas.code, nomor_sk=tugas.nomor_sk, tanggal_sk=tugas.tanggal_sk)
            for tugas in content.tugas_tambahan.tugas
        ],
        perilaku_kerja=render_pilihan(content.perilaku_kerja),
    )


def render_pilihan(perilaku: PerilakuKerja) -> list[Pilihan]:
    """Render the chosen behaviours."""
    return [Pilihan(aspek=aspek, opsi=opsi) for aspek, opsi in perilaku.pilihan.items()]


@strawberry.enum(description="Who uploads the evidence of an RHK during Pelaksanaan.")
class Pengunggah(Enum):
    GURU = strawberry.enum_value("GURU", description="The teacher.")
    KEPALA_SEKOLAH = strawberry.enum_value(
        "KEPALA_SEKOLAH", description="The principal. The teacher has nothing to do."
    )


@strawberry.type(description="An RHK of the rangkuman.")
class RangkumanRhk:
    code: str = strawberry.field(description="Code of the row.")
    label: str = strawberry.field(description="Text of the screen.")
    poin: int | None = strawberry.field(description="Points; null for an automatic RHK.")
    bukti: str | None = strawberry.field(description="The evidence, if known.")
    pengunggah: Pengunggah = strawberry.field(description="Who uploads the evidence.")
    tahap: str = strawberry.field(description="The phase in which the evidence is uploaded.")
    otomatis: bool = strawberry.field(description="Whether the RHK is automatic.")


@strawberry.type(description="An additional duty in the rangkuman.")
class RangkumanTugas:
    label: str = strawberry.field(description="Text of the screen.")
    nomor_sk: str | None = strawberry.field(description="Number of the decree, if present.")
    tanggal_sk: date | None = strawberry.field(description="Date of the decree, if present.")


@strawberry.type(description="A behaviour in the rangkuman.")
class RangkumanPerilaku:
    aspek: str = strawberry.field(description="The aspek, in words.")
    perilaku: str = strawberry.field(description="The chosen behaviour, in words.")


@strawberry.type(description="The summary before submitting (tab Rangkuman), in words.")
class Rangkuman:
    praktik_kinerja: str | None = strawberry.field(description="The indikator or sub indikator.")
    rhk: list[RangkumanRhk] = strawberry.field(description="The automatic RHK first, then the chosen ones.")
    poin: int | None = strawberry.field(
        description="The sum of the points of the chosen RHK. Null in a period without points."
    )
    tugas_tambahan: list[RangkumanTugas] = strawberry.field(description="The additional duties.")
    perilaku_kerja: list[RangkumanPerilaku] = strawberry.field(description="One behaviour in each aspek.")


def render_rangkuman(rangkuman: rangkumans.Rangkuman) -> Rangkuman:
    """Render the rangkuman."""
    return Rangkuman(
        praktik_kinerja=rangkuman.praktik_kinerja,
        rhk=[
            RangkumanRhk(
                code=line.code, label=line.label, poin=line.poin, bukti=line.bukti,
                pengunggah=Pengunggah(line.pengunggah), tahap=line.tahap, otomatis=line.otomatis,
            )
            for line in rangkuman.rhk
        ],
        poin=rangkuman.poin,
        tugas_tambahan=[
            RangkumanTugas(
                label=line.label, nomor_sk=line.tugas.nomor_sk, tanggal_sk=line.tugas.tanggal_sk
            )
            for line in rangkuman.tugas_tambahan
        ],
        perilaku_kerja=[
            RangkumanPerilaku(aspek=line.aspek, perilaku=line.perilaku) for line in rangkuman.perilaku_kerja
        ],
    )  # fmt: skip


@strawberry.enum(
    description="A part of the plan, in the order of the screen. Values can be added: show an unknown one last."
)
class PlanPart(Enum):
    DATA_DIRI = strawberry.enum_value("data_diri", description="Data diri, and the school.")
    PRAKTIK_KINERJA = strawberry.enum_value("praktik_kinerja", description="Tab 1.")
    PENGEMBANGAN_KOMPETENSI = strawberry.enum_value("pengembangan_kompetensi", description="Tab 2.")
    TUGAS_TAMBAHAN = strawberry.enum_value("tugas_tambahan", description="Tab 3.")
    PERILAKU_KERJA = strawberry.enum_value("perilaku_kerja", description="Tab 4.")


@strawberry.enum(description="What happened to a choice.")
class ChangeKind(Enum):
    ADDED = strawberry.enum_value("added", description="It was added.")
    REMOVED = strawberry.enum_value("removed", description="It was removed.")
    REPLACED = strawberry.enum_value("replaced", description="It was replaced.")


@strawberry.type(
    description="A change of a plan, in words. A code that the catalogue no longer has is shown as it is."
)
class ContentChange:
    part: PlanPart = strawberry.field(description="The part of the plan.")
    kind: ChangeKind = strawberry.field(description="The kind of the change.")
    about: str | None = strawberry.field(
        description="The field of data diri, the duty or the aspek; null if `part` is precise enough."
    )
    before: str | None = strawberry.field(
        description="The earlier value: a label or text; for a duty the number and date of its decree. Null if "
        "added."
    )
    after: str | None = strawberry.field(description="The current value, likewise. Null if removed.")


async def resolve_content_changes(view: PlanView, context: Context) -> list[ContentChange] | None:
    """Resolve the changes since the last submission; None without one to compare with."""
    changes = await changes_since_last_submission(view, context.connection)
    return None if changes is None else [_render_change(change, context.language) for change in changes]


def _render_change(change: ChangeDescription, language: Language) -> ContentChange:
    kind = "added" if change.before is None else "removed" if change.after is None else "replaced"
    about, before, after = (
        None if words is None else format_value(words, language)
        for words in (change.subject, change.before, change.after)
    )
    return ContentChange(
        part=PlanPart(change.part.value), kind=ChangeKind(kind), about=about, before=before, after=after
    )
