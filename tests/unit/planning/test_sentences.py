"""Every event has a complete sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import Messages
from services.planning.history.model import HistoryContext, HistoryEvent, compose_sentences, find_actor_role
from services.planning.people.model import School
from services.planning.plan.event_kinds import (
    DueTimer,
    EventData,
    HeadChange,
    MigrationUndone,
    ParameterChange,
    PlanMigrated,
    PlanStarted,
    ProfileConfirmed,
    ProfileCorrected,
    ProfileRefreshed,
    RegistryChange,
    StateEntry,
    TabSaved,
    TextsErased,
    TransitionFired,
    UnknownCause,
    UnknownEvent,
)
from services.planning.plan.events import SYSTEM, ErasableText, EventActor, OnBehalfOf
from services.planning.plan.model import Change
from services.planning.plan.tabs import Tab
from services.planning.settings import MESSAGE_FILES
from tests.unit.planning.plans import new_plan
from workflows.files.loader import load_shipped
from workflows.model.definition import Definition
from workflows.model.facts import HeadKind
from workflows.model.messages import Language, format_value

TEXTS = Messages.load(*MESSAGE_FILES, format_value=format_value)
DEFINITION = load_shipped()
PLAN = new_plan()
OTHER_SCHOOL = School("99000003", "SMP NEGERI CONTOH 03", "SMP", "Asia/Jayapura")
WITH_NAME = HistoryContext(
    PLAN.ptk_id, "Sari", {PLAN.school.npsn: PLAN.school, OTHER_SCHOOL.npsn: OTHER_SCHOOL}
)
WITHOUT_NAME = HistoryContext(PLAN.ptk_id, None, {})
NOTHING: Mapping[str, str] = {}
AT = datetime(2024, 1, 16, 1, 30, tzinfo=UTC)
OWNER, ADMIN = EventActor(PLAN.ptk_id, "a"), EventActor(None, "b")
KEPALA = EventActor(
    "33333333-3333-4333-8333-000000000009", "c", OnBehalfOf(PLAN.school.npsn, HeadKind.DEFINITIF)
)
PLT = replace(KEPALA, on_behalf_of=OnBehalfOf(PLAN.school.npsn, HeadKind.PLT))


def event_of(
    data: EventData, by: EventActor, *, workflow: Definition = DEFINITION, erased: bool = False, state: str = "draft",
    to: str | None = None, texts: Mapping[str, str] = NOTHING,
) -> HistoryEvent:  # fmt: skip
    """Return an event after `started` with its texts."""
    change = Change(replace(PLAN, version=1, state=state), ()).with_event(
        data, by, AT, to_state=to, texts=tuple(ErasableText.of(name, value) for name, value in texts.items())
    )
    found_values = {name: None if erased else value for name, value in texts.items()}
    return HistoryEvent(change.events[0].event, found_values, erased, workflow)


def sentence(event: HistoryEvent, language: Language, setting: HistoryContext = WITH_NAME) -> str:
    return " ".join(TEXTS.text(problem, language) for problem in compose_sentences(event, setting))


def transition_of(
    row: str,
    by: EventActor,
    *,
    texts: Mapping[str, str] = NOTHING,
    erased: bool = False,
    parameters: int = 1,
    **fields: Any,
) -> HistoryEvent:
    """Return an event of a transition of the shipped workflow."""
    definition = next(transition for transition in DEFINITION.transitions if transition.id == row)
    data = TransitionFired(definition.trigger, row, parameters, exceptional=definition.exceptional, **fields)
    return event_of(
        data, by, state=definition.from_states[0], to=definition.to_state, texts=texts, erased=erased
    )


def later_release() -> HistoryEvent:
    """Return an event of an unknown kind."""
    event = event_of(PlanStarted(), OWNER)
    return replace(event, event=replace(event.event, data=UnknownEvent("of_a_later_release")))


WHEN = {"id": "16 Januari 2024 pukul 08.30 WIB: ", "en": "16 January 2024, 08:30 WIB: "}
REASON = {"reason": "Mohon lengkapi RHK.\nTerima kasih."}
HEAD_TEXTS = REASON | {"nama": "Hartini"}
QUOTE = "“Mohon lengkapi RHK. Terima kasih”"
BY_HARTINI = "Hartini, Kepala Sekolah SD NEGERI CONTOH 01,"
CASES = [
    (event_of(PlanStarted(), OWNER), "Sari memulai rencana ini di SD NEGERI CONTOH 01.",
     "Sari started this plan at SD NEGERI CONTOH 01."),
    (event_of(TabSaved(Tab.PRAKTIK_KINERJA), OWNER),
     "Sari menyimpan tab Praktik Kinerja.",
     "Sari saved the tab Praktik Kinerja."),
    (event_of(ProfileCorrected(("jenjang_jabatan", "ruang")), OWNER),
     "Sari memperbaiki data diri (jenjang jabatan, ruang).",
     "Sari corrected data diri (jenjang jabatan, ruang)."),
    (event_of(ProfileRefreshed(("nip", "school")), SYSTEM),
     "rencana ini mengikuti perubahan di Dapodik (NIP, Satuan pendidikan).",
     "this plan followed a change in Dapodik (NIP, School)."),
    (transition_of("submit", OWNER, acknowledged_warnings=("points.below_minimum",)),
     "Sari mengajukan rencana ini. Peringatan bahwa poin Pengembangan Kompetensi di "
     "bawah minimum telah diterima.",
     "Sari submitted this plan. The warning that the points of Pengembangan Kompetensi are "
     "below the minimum was accepted."),
    (transition_of("submit", OWNER, acknowledged_warnings=("satminkal.other",)),
     "Sari mengajukan rencana ini. Peringatan yang muncul telah diterima.",
     "Sari submitted this plan. The warnings shown were accepted."),
    (transition_of("approve", PLT, texts={"nama": "Hartini"}),
     "Hartini, Plt Kepala Sekolah SD NEGERI CONTOH 01, menyetujui rencana ini.",
     "Hartini, acting principal (Plt) of SD NEGERI CONTOH 01, approved this plan."),
    (transition_of("return", KEPALA, texts=HEAD_TEXTS), f"{BY_HARTINI} meminta perbaikan rencana ini. Alasan: {QUOTE}.",
     "Hartini, principal of SD NEGERI CONTOH 01, asked for a revision of this plan. Reason: "
     f"{QUOTE}."),
    (transition_of("return", KEPALA, texts=HEAD_TEXTS, erased=True),
     "Kepala Sekolah SD NEGERI CONTOH 01 meminta perbaikan rencana ini. Alasan: teks "
     "pribadi telah dihapus.",
     "the principal of SD NEGERI CONTOH 01 asked for a revision of this plan. Reason: "
     "personal text has been erased."),
    (transition_of("approve_automatically", SYSTEM, evidence={"head": {"kind": "plt", "ptk_id": "x"}}),
     "sistem menyetujui rencana ini secara otomatis karena SD NEGERI CONTOH 01 "
     "dipimpin Plt.",
     "the system approved this plan automatically because SD NEGERI CONTOH 01 is led by a "
     "Plt."),
    (transition_of("approve_automatically", SYSTEM, evidence={"params.approve_automatically": True}, parameters=3),
     "sistem menyetujui rencana ini secara otomatis karena persetujuan otomatis sedang "
     "diberlakukan (revisi 3 ketentuan periode).",
     "the system approved this plan automatically because automatic approval is switched on "
     "(revision 3 of the period's parameters)."),
    (transition_of("approve_automatically", SYSTEM, evidence={"head": {"kind": "plt"}}, cause=RegistryChange(7)),
     "setelah pimpinan atau data sekolah berubah di Dapodik, sistem memutuskan kembali rencana yang menunggu "
     "ini dan menyetujuinya secara otomatis karena SD NEGERI CONTOH 01 dipimpin Plt.",
     "after a change of the head or the data of the school in Dapodik, the system decided this waiting plan again and "
     "approved it automatically because SD NEGERI CONTOH 01 is led by a Plt."),
    (transition_of("begin_after_approval", OWNER), "Sari memulai Pelaksanaan.",
     "Sari began the implementation (Pelaksanaan)."),
    (transition_of("reopen", ADMIN, texts=REASON),
     "Admin membuka kembali rencana ini untuk diperbaiki; semua isiannya tetap ada. "
     f"Alasan: {QUOTE}.",
     "an admin reopened this plan for correction; its content is unchanged. Reason: "
     f"{QUOTE}."),
    (transition_of("move_submitted", KEPALA, texts=REASON, moved_from=OTHER_SCHOOL.npsn),
     "Admin memindahkan rencana ini dari SMP NEGERI CONTOH 03 ke sekolah induk yang "
     f"sekarang, SD NEGERI CONTOH 01. Alasan: {QUOTE}.",
     "an admin moved this plan from SMP NEGERI CONTOH 03 to the present sekolah induk, SD "
     f"NEGERI CONTOH 01. Reason: {QUOTE}."),
    (event_of(TextsErased({}, (), "Permintaan pemilik", "Budi"), SYSTEM),
     "Admin menghapus teks pribadi yang menyertai rencana ini; riwayat dan isian rencana "
     "tetap utuh. Alasan: “Permintaan pemilik”.",
     "an admin erased the personal texts stored with this plan; its history and its "
     "content are intact. Reason: “Permintaan pemilik”."),
    (event_of(TransitionFired("forward", "gone", 1), KEPALA, to="submitted", texts=HEAD_TEXTS),
     f"{BY_HARTINI} memilih “forward”; status rencana: Diajukan. Alasan: {QUOTE}.",
     "Hartini, principal of SD NEGERI CONTOH 01, chose “forward”; state of the plan: "
     f"Submitted. Reason: {QUOTE}."),
    # the trigger of a shipped row, led elsewhere by an admin: its label tells
    (event_of(TransitionFired("submit", "submit", 1), OWNER, to="approved"),
     "Sari memilih “Ajukan”; status rencana: Disetujui.",
     "Sari chose “Submit”; state of the plan: Approved."),
    (event_of(TransitionFired("@entered(x)", "approve_automatically", 1), SYSTEM, to="submitted"),
     "sistem menjalankan “Disetujui otomatis oleh sistem” menurut alur kerja; status "
     "rencana: Diajukan.",
     "the system carried out “Approved automatically by the system” as the workflow defines; "
     "state of the plan: Submitted."),
    (later_release(), "Sari mengubah rencana ini.",
     "Sari changed this plan."),
]  # fmt: skip


@pytest.mark.parametrize(("event", "indonesian", "english"), CASES)
def test_event_has_a_sentence_in_both_languages(event: HistoryEvent, indonesian: str, english: str) -> None:
    assert sentence(event, "id") == WHEN["id"] + indonesian
    assert sentence(event, "en") == WHEN["en"] + english


actors = st.sampled_from([OWNER, ADMIN, KEPALA, PLT, SYSTEM])
causes = st.sampled_from(
    [
        None,
        RegistryChange(7),
        ParameterChange(2),
        StateEntry(7),
        HeadChange(AT),
        DueTimer("expire", 1),
        UnknownCause(),
    ]
)
because: st.SearchStrategy[Mapping[str, Any]] = st.sampled_from(
    [{}, {"head": {"kind": "plt"}}, {"head": None}, {"params.approve_automatically": True}]
)
rows = st.sampled_from([*((row.trigger, row.id) for row in DEFINITION.transitions), ("forward", "gone")])


@st.composite
def transitions(draw: st.DrawFn) -> TransitionFired:
    trigger, row = draw(rows)
    school = draw(st.sampled_from([None, OTHER_SCHOOL.npsn, "99000009"]))
    return TransitionFired(trigger, row, 1, draw(because), ("x",), moved_from=school, cause=draw(causes))


data = transitions() | st.sampled_from(
    [
        PlanStarted(), ProfileRefreshed(("nip", "later")), ProfileConfirmed(), ProfileCorrected(("ruang",)),
        *map(TabSaved, Tab),
        PlanMigrated(1, "w", "Salah."), MigrationUndone(1, "w", "Salah.", "Budi"),
        TextsErased({}, (), "Salah.", "Budi"),
    ]
)  # fmt: skip


@given(
    data, actors, st.booleans(), st.sampled_from([WITH_NAME, WITHOUT_NAME]), st.sampled_from(["id", "en"]),
    st.sampled_from([*(state.name for state in DEFINITION.states), "gone"]),
)  # fmt: skip
def test_no_sentence_has_an_unfilled_placeholder(
    data: EventData, by: EventActor, erased: bool, setting: HistoryContext, language: Language, to: str
) -> None:
    event = event_of(data, by, erased=erased, to=to, texts=HEAD_TEXTS)
    sentences_found = sentence(event, language, setting)
    assert not set("…{}") & set(sentences_found)
    assert not {"history.", "phrase.", "None", "Problem(", "Label("} & set(
        sentences_found.replace(",", " ").split()
    )
    assert sentences_found.startswith(WHEN[language])
    roles = {"owner", "kepala_sekolah", "plt", "dinas", "admin", "system"}
    assert find_actor_role(event, setting).value in roles


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Asia/Jakarta", "08.30 WIB"),
        ("Asia/Makassar", "09.30 WITA"),
        ("Asia/Jayapura", "10.30 WIT"),
        (None, "08.30 WIB"),
    ],
)
def test_time_is_that_of_the_school(zone: str | None, when: str) -> None:
    school = replace(PLAN.school, zone=zone)
    setting = replace(WITH_NAME, schools={school.npsn: school})
    assert sentence(event_of(PlanStarted(), OWNER), "id", setting).startswith(
        f"16 Januari 2024 pukul {when}: Sari"
    )
