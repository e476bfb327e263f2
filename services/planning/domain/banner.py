"""What a person should be told now, without asking (Guide 11: the banner from 1 February 2024)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.kit.problem import Problem
from services.planning.domain.period import Revision, day_of
from services.planning.domain.plan import Plan
from workflows import Phase


def banners(
    plan: Plan, phase: Phase, revision: Revision, today: date, *, plt_to_confirm: bool
) -> Iterator[Problem]:
    """The banners due for the owner of a plan. `plt_to_confirm`: a Plt heads the school and has not confirmed."""
    if phase is Phase.AUTO_APPROVED and plt_to_confirm and today >= day_of(revision, "plt_banner_from"):
        opens = day_of(revision, "plt_confirmation_from")
        yield Problem("banner.tell_plt", {"sekolah": plan.school.nama, "opens": opens})
    if phase is Phase.DRAFT and plan.note is not None:
        yield Problem("banner.returned", {"due": plan.revision_due or today})
    if phase is Phase.APPROVED or (phase is Phase.AUTO_APPROVED and not plt_to_confirm):
        yield Problem("banner.may_begin", {})


def banners_for_plt(sekolah: str, revision: Revision, today: date) -> Iterator[Problem]:
    """What the Plt of a school that is not yet confirmed is told, from the day its teachers are."""
    if today >= day_of(revision, "plt_banner_from"):
        opens = day_of(revision, "plt_confirmation_from")
        yield Problem("banner.confirm_as_plt", {"sekolah": sekolah, "opens": opens})
