"""Each kind of event is written as the recorded bytes, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from services.planning.plan.event_kinds import (
    KINDS,
    Cause,
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
    read_event_data,
)
from services.planning.plan.events import (
    GENESIS,
    SYSTEM,
    ErasableText,
    Event,
    EventActor,
    OnBehalfOf,
    canonical_json,
    dump_event,
    hash_event,
    read_event,
)
from services.planning.plan.tabs import Tab
from tests.unit.planning.plans import new_plan
from workflows.model.facts import HeadKind

RECORDED_BODIES = {
    row["name"]: row["body"]
    for row in map(json.loads, Path(__file__).with_name("recorded_events.jsonl").read_text().splitlines())
}
PLAN = new_plan()
AT = datetime(2024, 1, 16, 1, 30, 0, 250000, tzinfo=UTC)
OWNER = EventActor(PLAN.ptk_id, "66666666-6666-4666-8666-000000000001")
HEAD = EventActor(
    "33333333-3333-4333-8333-000000000009",
    "66666666-6666-4666-8666-000000000009",
    OnBehalfOf("99000001", HeadKind.PLT),
)
ADMIN = EventActor(None, "66666666-6666-4666-8666-00000000000a")
SWITCH = {"params.approve_automatically": True}
READ_BY_SUBMIT = {
    "today": "2024-01-15",
    "head": {"kind": "plt", "ptk_id": None},
    "params.minimum_points": 32,
    "missing": [],
}
FORMER, REASON, UNDO_REASON = "cd" * 32, "Juknis baru.", "Keliru."


@dataclass(frozen=True, slots=True)
class EventSample:
    """Return the seventh event of a plan, or the first one if it has no from state."""

    data: EventData
    by: EventActor
    from_state: str | None = "draft"
    to_state: str = "draft"
    texts: tuple[str, ...] = ()

    def body(self) -> str:
        event = Event(
            id="44444444-4444-4444-8444-444444444444",
            ptk_id=PLAN.ptk_id,
            period=PLAN.period,
            version=7 if self.from_state else 1,
            npsn=PLAN.school.npsn,
            at=AT,
            actor=self.by,
            from_state=self.from_state,
            to_state=self.to_state,
            workflow=PLAN.workflow,
            catalog=PLAN.catalog,
            data=self.data,
        )
        texts = tuple(ErasableText(name, f"Isi {name}.", "0f" * 16) for name in self.texts)
        return hash_event("ab" * 32 if self.from_state else GENESIS, event, texts).body


def automatic(cause: Cause | None) -> EventSample:
    data = TransitionFired("@entered(submitted)", "approve_automatically", 3, SWITCH, cause=cause)
    return EventSample(data, SYSTEM, "submitted", "auto_approved")


SUBMIT = TransitionFired("submit", "submit", 1, READ_BY_SUBMIT, ("points.below_minimum",))
RETURN = TransitionFired("return", "return", 1, {"head": {"kind": "plt", "ptk_id": HEAD.ptk_id}})
MOVE = TransitionFired("move", "move_submitted", 1, exceptional=True, moved_from="99000003")
ERASURE = TextsErased(
    {1: ("profile",), 10: ("content", "profile"), 2: ()}, (2, 5), "Permintaan pemilik", "budi"
)
SAMPLES = {
    "start": EventSample(PlanStarted(), OWNER, None, texts=("profile",)),
    "profile refresh": EventSample(ProfileRefreshed(("nama", "school")), SYSTEM, texts=("profile",)),
    "profile confirmation": EventSample(ProfileConfirmed(), OWNER, texts=("profile",)),
    "profile correction": EventSample(
        ProfileCorrected(("pangkat_golongan", "ruang")), OWNER, texts=("profile",)
    ),
    "saved tab": EventSample(TabSaved(Tab.PRAKTIK_KINERJA), OWNER),
    "submission": EventSample(SUBMIT, OWNER, to_state="submitted", texts=("content", "profile")),
    "return by the head": EventSample(RETURN, HEAD, "submitted", texts=("reason", "nama")),
    "transition after a change of the registry": automatic(RegistryChange(7)),
    "transition after a change of head": automatic(HeadChange(datetime(2024, 1, 16, 17, tzinfo=UTC))),
    "transition after a change of parameters": automatic(ParameterChange(3)),
    "transition after a wait": automatic(StateEntry(6)),
    "transition after a timer": automatic(DueTimer("expire", 1)),
    "automatic transition": automatic(None),
    "move": EventSample(MOVE, ADMIN, "submitted", "submitted", ("reason",)),
    "migration by an admin": EventSample(PlanMigrated(1, FORMER, REASON), ADMIN, "submitted", "diajukan"),
    "migration by an operator": EventSample(
        PlanMigrated(1, FORMER, REASON, "Sari Contoh"), SYSTEM, "submitted", "diajukan"
    ),
    "undo": EventSample(MigrationUndone(1, FORMER, UNDO_REASON), ADMIN, "submitted", "submitted"),
    "undo by an operator": EventSample(
        MigrationUndone(1, FORMER, UNDO_REASON, "Sari Contoh"), SYSTEM, "submitted", "submitted"
    ),
    "erasure": EventSample(ERASURE, SYSTEM, "submitted", "submitted"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_written_to_the_recorded_bytes(name: str) -> None:
    assert SAMPLES[name].body() == RECORDED_BODIES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_read_back(name: str) -> None:
    sample, body = SAMPLES[name], RECORDED_BODIES[name]

    event = read_event(json.loads(body))

    assert (event.data, event.actor, event.at) == (sample.data, sample.by, AT)
    assert (event.from_state, event.to_state) == (sample.from_state, sample.to_state)
    assert canonical_json(dump_event(event)) == body


def test_every_kind_and_cause_has_a_recorded_event() -> None:
    transitions = [one.data for one in SAMPLES.values() if isinstance(one.data, TransitionFired)]

    assert {type(one.data) for one in SAMPLES.values()} == set(KINDS.values())
    assert {type(one.cause) for one in transitions} == {*get_args(Cause), type(None)}
    assert SAMPLES.keys() == RECORDED_BODIES.keys()


def start_body(**changes: object) -> Mapping[str, Any]:
    return {**json.loads(RECORDED_BODIES["start"]), **changes}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(start_body(kind="of_a_later_release"), id="kind"),
        pytest.param(start_body(kind="tab_saved", detail={"tab": "of_a_later_release"}), id="value"),
        pytest.param(start_body(kind="tab_saved", detail=None), id="no detail"),
        pytest.param({}, id="no event"),
    ],
)
def test_event_of_a_later_release_is_unknown(fields: Mapping[str, Any]) -> None:
    assert read_event_data(fields) == UnknownEvent(str(fields.get("kind")))


def test_unknown_details_and_causes_are_ignored() -> None:
    detail = {"cause": {"strike": 1}, "weather": "hujan"}

    data = read_event_data({**json.loads(RECORDED_BODIES["automatic transition"]), "detail": detail})

    assert data == TransitionFired(
        "@entered(submitted)", "approve_automatically", 3, SWITCH, cause=UnknownCause()
    )


def test_an_unknown_event_is_not_written() -> None:
    with pytest.raises(ValueError, match="of_a_later_release"):
        dump_event(read_event(start_body(kind="of_a_later_release")))
