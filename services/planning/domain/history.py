"""A plan's history: an event as it is told, and as whom somebody acted. Its sentences are made in sentences.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.planning.domain.plan import School
from workflows import Definition, State, Transition


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
