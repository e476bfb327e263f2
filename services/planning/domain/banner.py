"""What a person should be told now, without asking (Guide 11: the banner from 1 February 2024), and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.kit.problem import Problem
from services.planning.domain.period import Revision, day_of
from services.planning.domain.plan import Plan, still_due
from workflows import Phase

Role = Literal["teacher", "kepala_sekolah", "plt"]


@dataclass(frozen=True, slots=True)
class Banner:
    """What is told, as whom, and of which school: a teacher here may be Plt there, and head yet another."""

    told: Problem
    role: Role
    npsn: str


def banners(
    plan: Plan,
    phase: Phase,
    revision: Revision,
    today: date,
    *,
    plt_to_confirm: bool,
    is_plt: bool = False,
) -> Iterator[Problem]:
    """The banners due for the owner of a plan. `plt_to_confirm`: a Plt heads the school and has not confirmed.

    `is_plt`: that Plt is the owner, whose own confirmation opens nothing; `Plan.turn` tells on whom the plan waits.
    """
    if phase is Phase.AUTO_APPROVED and is_plt:
        return
    if phase is Phase.AUTO_APPROVED and plt_to_confirm and today >= day_of(revision, "plt_banner_from"):
        opens = day_of(revision, "plt_confirmation_from")
        yield Problem("banner.tell_plt", {"sekolah": plan.school.nama, "opens": opens})
    if phase is Phase.DRAFT and plan.revision_due is not None:
        due = still_due(plan, revision.values.get("planning_closes"), today)
        # The words themselves may have been erased since; that something is to be done stands.
        if due is None:
            yield Problem("banner.revision_passed", {"due": plan.revision_due})
        elif plan.reopened_at is not None:
            code = "banner.reopened" if plan.note else "banner.reopened_erased"
            yield Problem(code, {"reason": plan.note, "due": due})
        else:
            yield Problem("banner.returned", {"due": due})
    if phase is Phase.APPROVED or (phase is Phase.AUTO_APPROVED and not plt_to_confirm):
        yield Problem("banner.may_begin", {})


def banners_of_move(plan: Plan, phase: Phase, induk: str | None, sekolah: str) -> Iterator[Problem]:
    """What the owner is told whose sekolah induk is another now; a plan in implementation stays where it is.

    Until data diri are confirmed the plan follows by itself, with the next *Mulai*.
    """
    if induk in {None, plan.school.npsn} or phase is Phase.IN_IMPLEMENTATION or not plan.profile.confirmed:
        return
    yield Problem("banner.moved", {"sekolah": sekolah, "npsn": induk, "before": plan.school.nama})


def banners_for_plt(sekolah: str, revision: Revision, today: date) -> Iterator[Problem]:
    """What the Plt of a school that is not yet confirmed is told, from the day its teachers are."""
    if today >= day_of(revision, "plt_banner_from"):
        opens = day_of(revision, "plt_confirmation_from")
        yield Problem("banner.confirm_as_plt", {"sekolah": sekolah, "opens": opens})
