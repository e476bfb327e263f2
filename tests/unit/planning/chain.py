"""Rows of a plan with its events and texts."""

from __future__ import annotations

import json

from services.planning.plan.chain import StoredEvent, StoredPlan, StoredText, check_chain
from services.planning.plan.erasable_text import content_text, profile_text
from services.planning.plan.model import Change
from tests.unit.planning.plans import NOW


def build_rows(change: Change) -> StoredPlan:
    """Return the rows that a commit of this change stores."""
    plan = change.plan
    events = [
        StoredEvent(
            version=link.event.version,
            id=link.event.id,
            kind=link.event.kind,
            to_state=link.event.to_state,
            at=link.event.at,
            hash=link.hash,
            body=link.body,
            left_state=link.stay.state if link.stay else None,
            stay_seconds=link.stay.seconds if link.stay else None,
        )
        for link in change.events
    ]
    texts = [
        StoredText(link.event.version, text.name, text.salt, text.value, None)
        for link in change.events
        for text in link.texts
    ]
    return StoredPlan(
        ptk_id=plan.ptk_id,
        period=plan.period,
        npsn=plan.school.npsn,
        state=plan.state,
        workflow=plan.workflow,
        catalog=plan.catalog,
        version=plan.version,
        last_hash=plan.last_hash,
        content=json.loads(content_text(plan).value),
        **json.loads(profile_text(plan).value),
        events=events,
        texts=texts,
    )


def find_faults(plan: StoredPlan) -> list[tuple[str, object]]:
    """Return the code and version of each fault."""
    return [
        (problem.code.removeprefix("verify."), problem.params["version"])
        for problem in check_chain(plan, NOW)
    ]
