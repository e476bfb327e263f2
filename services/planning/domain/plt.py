"""The confirmation of a Plt: by the Plt of that school, on or after its date (Guide 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from services.kit.problem import Problem
from services.planning.domain.period import Revision, day_of
from services.planning.domain.school import SchoolFacts

NPSN = re.compile(r"[0-9P][0-9A-Z]{7}", re.ASCII)


def refusals(
    ptk_id: str | None, school: SchoolFacts | None, revision: Revision, today: date
) -> Iterator[Problem]:
    """Why this person cannot confirm for this school today: every reason, or none. `today` is the school's day."""
    head = school.head if school else None
    if ptk_id is None or head is None or (head.kind, head.ptk_id) != ("plt", ptk_id):
        # The same answer for a school that does not exist: who heads which school is nobody's to probe.
        yield Problem("plt.not_plt_here", {}, ("input", "npsn"))
        return
    opens = day_of(revision, "plt_confirmation_from")
    if today < opens:
        yield Problem("plt.too_early", {"opens": opens}, ("input",))
