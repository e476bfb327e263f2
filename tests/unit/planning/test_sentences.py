"""Every event that can be written is told in both languages, and no sentence has a hole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import Messages
from services.planning.api.types.history import say
from services.planning.app import MESSAGES
from services.planning.history.model import KINDS, Setting, Told, role_of, sentences_of
from services.planning.people.model import School
from services.planning.plan.events import ErasableText
from services.planning.plan.model import SYSTEM, By, Change
from tests.unit.planning.plans import new_plan
from workflows.files.loader import load, shipped
from workflows.model.definition import Definition
from workflows.model.texts import Language, show

TEXTS = Messages.load(*MESSAGES, format_value=show)
SHIPPED = load(shipped())
PLAN = new_plan()
THERE = School("99000003", "SMP NEGERI CONTOH 03", "SMP", "Asia/Jayapura")
NAMED = Setting(PLAN.ptk_id, "Sari", {PLAN.school.npsn: PLAN.school, THERE.npsn: THERE})
UNNAMED = Setting(PLAN.ptk_id, None, {})
AT = datetime(2024, 1, 16, 1, 30, tzinfo=UTC)
OWNER, ADMIN = By(PLAN.ptk_id, "a"), By(None, "b")
KEPALA = By("33333333-3333-4333-8333-000000000009", "c", {"npsn": PLAN.school.npsn, "head": "definitif"})
PLT = replace(KEPALA, on_behalf_of={"npsn": PLAN.school.npsn, "head": "plt"})


def told(kind: str, by: By, *, workflow: Definition = SHIPPED, erased: bool = False, **fields: Any) -> Told:
    """An event after `started`, and the texts that go with it."""
    texts = tuple(ErasableText.of(name, value) for name, value in fields.pop("texts", {}).items())
    state = fields.pop("state", "draft")
    change = Change(replace(PLAN, version=1, state=state), ()).then(kind, by, AT, texts=texts, **fields)
    shown = {text.name: None if erased else text.value for text in texts}
    return Told(change.events[0].fields, shown, erased, workflow)


def sentence(event: Told, language: Language, setting: Setting = NAMED) -> str:
    return " ".join(say(problem, TEXTS, language) for problem in sentences_of(event, setting))


def fired(row: str, by: By, **fields: Any) -> Told:
    """A transition of the shipped workflow."""
    chosen = next(one for one in SHIPPED.transitions if one.id == row)
    given: dict[str, Any] = {
        "state": chosen.from_states[0],
        "to": chosen.to_state,
        "trigger": chosen.trigger,
        "transition": row,
    }
    return told("transition", by, **given, exceptional=chosen.exceptional, **fields)


WHEN = {"id": "16 Januari 2024 pukul 08.30 WIB: ", "en": "16 January 2024, 08:30 WIB: "}
WHY = {"reason": "Mohon lengkapi RHK.\nTerima kasih."}
HEAD_WHY = WHY | {"nama": "Hartini"}
QUOTED = "“Mohon lengkapi RHK. Terima kasih”"
BY_HARTINI = "Hartini, Kepala Sekolah SD NEGERI CONTOH 01,"
SAID = [
    (told("started", OWNER), "Sari memulai rencana ini di SD NEGERI CONTOH 01.",
     "Sari started this plan at SD NEGERI CONTOH 01."),
    (told("tab_saved", OWNER, detail={"tab": "praktik_kinerja"}),
     "Sari menyimpan tab Praktik Kinerja.",
     "Sari saved the tab Praktik Kinerja."),
    (told("profile_corrected", OWNER, detail={"fields": ["jenjang_jabatan", "ruang"]}),
     "Sari memperbaiki data diri (jenjang jabatan, ruang).",
     "Sari corrected data diri (jenjang jabatan, ruang)."),
    (fired("submit", OWNER, acknowledged=["points.below_minimum"]),
     "Sari mengajukan rencana ini. Peringatan bahwa poin Pengembangan Kompetensi di "
     "bawah minimum telah diterima.",
     "Sari submitted this plan. The warning that the points of Pengembangan Kompetensi are "
     "below the minimum was accepted."),
    (fired("submit", OWNER, acknowledged=["satminkal.other"]),
     "Sari mengajukan rencana ini. Peringatan yang muncul telah diterima.",
     "Sari submitted this plan. The warnings shown were accepted."),
    (fired("approve", PLT, texts={"nama": "Hartini"}),
     "Hartini, Plt Kepala Sekolah SD NEGERI CONTOH 01, menyetujui rencana ini.",
     "Hartini, acting principal (Plt) of SD NEGERI CONTOH 01, approved this plan."),
    (fired("return", KEPALA, texts=HEAD_WHY), f"{BY_HARTINI} meminta perbaikan rencana ini. Alasan: {QUOTED}.",
     "Hartini, principal of SD NEGERI CONTOH 01, asked for a revision of this plan. Reason: "
     f"{QUOTED}."),
    (fired("return", KEPALA, texts=HEAD_WHY, erased=True),
     "Kepala Sekolah SD NEGERI CONTOH 01 meminta perbaikan rencana ini. Alasan: teks "
     "pribadi telah dihapus.",
     "the principal of SD NEGERI CONTOH 01 asked for a revision of this plan. Reason: "
     "personal text has been erased."),
    (fired("approve_automatically", SYSTEM, because={"head": {"kind": "plt", "ptk_id": "x"}}),
     "sistem menyetujui rencana ini secara otomatis karena SD NEGERI CONTOH 01 "
     "dipimpin Plt.",
     "the system approved this plan automatically because SD NEGERI CONTOH 01 is led by a "
     "Plt."),
    (fired("approve_automatically", SYSTEM, because={"params.approve_automatically": True}, parameters=3),
     "sistem menyetujui rencana ini secara otomatis karena persetujuan otomatis sedang "
     "diberlakukan (revisi 3 ketentuan periode).",
     "the system approved this plan automatically because automatic approval is switched on "
     "(revision 3 of the period's values)."),
    (fired("approve_automatically", SYSTEM, because={"head": {"kind": "plt"}}, detail={"cause": {"registry": 7}}),
     "setelah pimpinan atau data sekolah berubah di Dapodik, sistem memutuskan kembali rencana yang menunggu "
     "ini dan menyetujuinya secara otomatis karena SD NEGERI CONTOH 01 dipimpin Plt.",
     "after the head or the data of the school changed in Dapodik, the system decided this waiting plan again and "
     "approved it automatically because SD NEGERI CONTOH 01 is led by a Plt."),
    (fired("begin_after_approval", OWNER), "Sari memulai Pelaksanaan.",
     "Sari began the implementation (Pelaksanaan)."),
    (fired("reopen", ADMIN, texts=WHY),
     "Admin membuka kembali rencana ini untuk diperbaiki; semua isiannya tetap ada. "
     f"Alasan: {QUOTED}.",
     "an admin reopened this plan for correction; everything in it was kept. Reason: "
     f"{QUOTED}."),
    (fired("move_submitted", KEPALA, texts=WHY, detail={"moved_from": THERE.npsn}),
     "Admin memindahkan rencana ini dari SMP NEGERI CONTOH 03 ke sekolah induk yang "
     f"sekarang, SD NEGERI CONTOH 01. Alasan: {QUOTED}.",
     "an admin moved this plan from SMP NEGERI CONTOH 03 to the present sekolah induk, SD "
     f"NEGERI CONTOH 01. Reason: {QUOTED}."),
    (told("texts_erased", SYSTEM, detail={"texts": {}, "reason": "Permintaan pemilik", "ordered_by": "Budi"}),
     "Admin menghapus teks pribadi yang menyertai rencana ini; riwayat dan isian rencana "
     "tetap utuh. Alasan: “Permintaan pemilik”.",
     "an admin erased the personal texts that went with this plan; its history and its "
     "content stay whole. Reason: “Permintaan pemilik”."),
    (told("transition", KEPALA, trigger="forward", transition="gone", to="submitted", texts=HEAD_WHY),
     f"{BY_HARTINI} memilih “forward”; status rencana: Diajukan. Alasan: {QUOTED}.",
     "Hartini, principal of SD NEGERI CONTOH 01, chose “forward”; state of the plan: "
     f"Submitted. Reason: {QUOTED}."),
    # the trigger of a shipped row, led elsewhere by an admin: its label tells
    (told("transition", OWNER, trigger="submit", transition="submit", to="approved"),
     "Sari memilih “Ajukan”; status rencana: Disetujui.",
     "Sari chose “Submit”; state of the plan: Approved."),
    (told("transition", SYSTEM, trigger="@entered(x)", transition="approve_automatically", to="submitted"),
     "sistem menjalankan “Disetujui otomatis oleh sistem” menurut alur kerja; status "
     "rencana: Diajukan.",
     "the system carried out “Approved automatically by the system” as the workflow says; "
     "state of the plan: Submitted."),
    (told("of_a_later_release", OWNER), "Sari mengubah rencana ini.",
     "Sari changed this plan."),
]  # fmt: skip


@pytest.mark.parametrize(("event", "indonesian", "english"), SAID)
def test_an_event_is_told_in_both_languages(event: Told, indonesian: str, english: str) -> None:
    assert sentence(event, "id") == WHEN["id"] + indonesian
    assert sentence(event, "en") == WHEN["en"] + english


actors = st.sampled_from([OWNER, ADMIN, KEPALA, PLT, SYSTEM])
details = st.fixed_dictionaries(
    {},
    optional={
        "tab": st.just("rangkuman"),
        "fields": st.just(["ruang"]),
        "reason": st.just("Salah."),
        "moved_from": st.sampled_from([THERE.npsn, "99000009"]),
        "cause": st.sampled_from([{"registry": 7}, {"parameters": 2}, {"waits_since": 7}]),
    },
)
because = st.sampled_from(
    [{}, {"head": {"kind": "plt"}}, {"head": None}, {"params.approve_automatically": True}]
)


@given(
    st.sampled_from([*KINDS, "transition", "new"]), actors, details, because, st.booleans(),
    st.sampled_from([*SHIPPED.transitions, None]), st.sampled_from([NAMED, UNNAMED]), st.sampled_from(["id", "en"]),
    st.sampled_from([*(state.name for state in SHIPPED.states), "gone"]),
)  # fmt: skip
def test_no_event_leaves_a_hole_in_its_sentence(
    kind: str, by: By, detail: dict[str, Any], why: dict[str, Any], erased: bool, row: Any, setting: Setting,
    language: Language, to: str,
) -> None:  # fmt: skip
    trigger, transition = (row.trigger, row.id) if row else ("forward", "gone")
    event = told(
        kind, by, detail=detail, because=why, erased=erased, trigger=trigger, transition=transition, to=to,
        parameters=1, acknowledged=["x"], texts=HEAD_WHY,
    )  # fmt: skip
    said = sentence(event, language, setting)
    assert not set("…{}") & set(said)
    assert not {"history.", "phrase.", "None", "Problem(", "Label("} & set(said.replace(",", " ").split())
    assert said.startswith(WHEN[language])
    assert role_of(event, setting).value in {"owner", "kepala_sekolah", "plt", "admin", "system"}


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Asia/Jakarta", "08.30 WIB"),
        ("Asia/Makassar", "09.30 WITA"),
        ("Asia/Jayapura", "10.30 WIT"),
        (None, "08.30 WIB"),
    ],
)
def test_the_time_is_told_where_the_school_stands(zone: str | None, when: str) -> None:
    school = replace(PLAN.school, zone=zone)
    setting = replace(NAMED, schools={school.npsn: school})
    assert sentence(told("started", OWNER), "id", setting).startswith(f"16 Januari 2024 pukul {when}: Sari")
