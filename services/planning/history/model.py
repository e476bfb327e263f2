"""A plan's history in sentences: who, on whose behalf, what, why and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.problems import Problem
from services.planning.people.model import School
from services.planning.period.model import WIB
from workflows.model.definition import Definition, Phase, State, Transition


class ActorRole(StrEnum):
    """As whom somebody acted."""

    OWNER = "owner"
    KEPALA_SEKOLAH = "kepala_sekolah"
    PLT = "plt"
    ADMIN = "admin"
    SYSTEM = "system"


OF_ADMINS = {"texts_erased", "migrated", "migration_undone"}  # kinds of events that nobody else orders
HEADS = (ActorRole.KEPALA_SEKOLAH, ActorRole.PLT)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as stored: its body, what people wrote with it by name (None: erased), and its workflow.

    `erased`: some personal text of it, shown here or not, is no longer there.
    """

    body: Mapping[str, Any]
    texts: Mapping[str, str | None]
    erased: bool
    workflow: Definition

    @property
    def row(self) -> Transition | None:
        """The row that allowed a transition."""
        rows = self.workflow.transitions
        return next((row for row in rows if row.id == self.body["transition"]), None)

    def state(self, end: str) -> State | None:
        """The state at an end, `from` or `to`; None for the first event, and where another workflow named it."""
        return next((state for state in self.workflow.states if state.name == self.body[end]), None)


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands around a plan's events: its owner, by name where known, and the schools it has stood at."""

    owner: str
    nama: str | None
    schools: Mapping[str, School]

    def school(self, npsn: str) -> str:
        """The name of a school, or its number."""
        return self.schools[npsn].nama if npsn in self.schools else f"NPSN {npsn}"


def role_of(told: Told, setting: Setting) -> ActorRole:
    """As whom the actor acted: as the row of the workflow says; an admin may be a teacher or a head as well."""
    body, row = told.body, told.row
    if body["kind"] in OF_ADMINS or (row is not None and row.by.role == "admin"):
        return ActorRole.ADMIN
    if body["on_behalf_of"]:
        return ActorRole.PLT if body["on_behalf_of"]["head"] == "plt" else ActorRole.KEPALA_SEKOLAH
    if body["actor"]["kind"] == "system":
        return ActorRole.SYSTEM
    return ActorRole.OWNER if body["actor"]["ptk_id"] == setting.owner else ActorRole.ADMIN


def nama_of(told: Told, setting: Setting) -> str | None:
    """The name of the actor: the owner's from data diri, a head's as it was kept; None of others, and once erased."""
    role = role_of(told, setting)
    return setting.nama if role is ActorRole.OWNER else told.texts.get("nama") if role in HEADS else None


ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
KINDS = {
    "started": "history.started",
    "profile_refreshed": "history.profile_refreshed",
    "profile_confirmed": "history.profile_confirmed",
    "profile_corrected": "history.profile_corrected",
    "tab_saved": "history.tab_saved",
    "texts_erased": "history.texts_erased",
    "migrated": "history.migrated",
    "migration_undone": "history.migration_undone",
}
CAUSES = {
    "registry": "phrase.changed_registry",
    "parameters": "phrase.changed_parameters",
    "timer": "phrase.time_passed",
}
# A trigger that leads elsewhere than in the shipped workflow is told by its label.
TRANSITIONS = {
    ("submit", Phase.SUBMITTED): "history.submitted",
    ("approve", Phase.APPROVED): "history.approved",
    ("return", Phase.DRAFT): "history.returned",
    ("beginImplementation", Phase.IN_IMPLEMENTATION): "history.began",
    ("reopen", Phase.DRAFT): "history.reopened",
}


def sentences_of(told: Told, setting: Setting) -> Iterator[Problem]:
    """The event in one sentence; a warning that was accepted, and the reason, in one more each."""
    body = told.body
    yield Problem(_code(told), _values(told, setting))
    if "points.below_minimum" in body["acknowledged"]:
        yield Problem("history.below_minimum")
    elif body["acknowledged"]:
        yield Problem("history.acknowledged")
    if "reason" in body["digests"] or "reason" in body["detail"]:
        text = told.texts.get("reason", body["detail"].get("reason"))
        yield Problem("history.reason", {"reason": _quoted(text) if text else Problem("phrase.erased")})


def _code(told: Told) -> str:
    body, state = told.body, told.state("to")
    if body["kind"] != "transition":
        # a newer release may write kinds that this one does not know
        return KINDS.get(body["kind"], "history.changed")
    if "moved_from" in body["detail"]:
        return "history.moved"
    if body["actor"]["kind"] == "system":
        if state is None or state.phase is not Phase.AUTO_APPROVED:
            return "history.timed" if "timer" in body["detail"].get("cause", {}) else "history.followed"
        return "history.decided_again" if "cause" in body["detail"] else "history.approved_automatically"
    return TRANSITIONS.get((body["trigger"], state.phase), "history.fired") if state else "history.fired"


def _values(told: Told, setting: Setting) -> Mapping[str, object]:
    """All that any sentence may show; a text takes what it needs."""
    body, detail, row, to = told.body, told.body["detail"], told.row, told.state("to")
    sekolah, why = setting.school(body["npsn"]), _why(body["because"])
    return {
        "when": _when(body, setting),
        "who": _who(told, setting),
        "sekolah": sekolah,
        "from": setting.school(detail.get("moved_from", body["npsn"])),
        "tab": str(detail.get("tab", "")).replace("_", " ").title(),
        "fields": [name.replace("_", " ") for name in detail.get("fields", ())],
        "label": row.label if row else str(body["trigger"]),
        "state": to.label if to else body["to"],
        "why": Problem(f"phrase.because_{why}", {"revision": body["parameters"], "sekolah": sekolah}),
        "cause": Problem(_cause(detail.get("cause", {}))),
    }


def _when(body: Mapping[str, Any], setting: Setting) -> Problem:
    school = setting.schools.get(body["npsn"])
    zone = school.zone if school and school.zone else WIB
    at = datetime.fromisoformat(body["at"]).astimezone(ZoneInfo(zone))
    return Problem(
        "phrase.at",
        {"day": at.date(), "hour": f"{at:%H}", "minute": f"{at:%M}", "zone": ZONES.get(zone, zone)},
    )


def _who(told: Told, setting: Setting) -> Problem | str:
    nama = nama_of(told, setting)
    match role_of(told, setting):
        case ActorRole.OWNER:
            return nama or Problem("phrase.owner")
        case ActorRole.ADMIN:
            return Problem("phrase.admin")
        case ActorRole.SYSTEM:
            return Problem("phrase.system")
        case role:
            sekolah = setting.school(told.body["on_behalf_of"]["npsn"])
            known = "_named" if nama else ""
            return Problem(f"phrase.{role.value}{known}", {"sekolah": sekolah, "nama": nama})


def _why(because: Mapping[str, Any]) -> str:
    """Why a plan is approved automatically: which fact let the guard pass."""
    if any(name.startswith("params.") and value is True for name, value in because.items()):
        return "switch"
    return "plt" if (because.get("head") or {}).get("kind") == "plt" else "workflow"


def _cause(cause: Mapping[str, Any]) -> str:
    """What made the system decide again; a plan that only came to wait was looked at once more."""
    return next((phrase for name, phrase in CAUSES.items() if name in cause), "phrase.looked_again")


def _quoted(text: str) -> str:
    """In one line, and without a full stop of its own: the sentence around it has one."""
    return f"“{' '.join(text.split()).removesuffix('.')}”"
