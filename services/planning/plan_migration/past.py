"""What was done to a plan, command by command, out of its events: as `workflows.replay` holds it against a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.planning.plan.timers import zone_of
from workflows.diff.replay import Known, Recorded, facts_in
from workflows.engine.machine import Workflow
from workflows.model.facts import SYSTEM, Actor, Given, ParamValue

Body = Mapping[str, Any]
KINDS = ("transition",)
# What a submission's texts tell, beside what its guards read: as the choices stand, which only a draft can change.
OF_CONTENT = frozenset({"profile_confirmed", "missing", "withdrawn", "points"})


@dataclass(frozen=True, slots=True)
class Past:
    """A plan's transitions in their order, and where it stands."""

    ptk_id: str
    period: str
    npsn: str
    zone: str | None
    events: Sequence[Body]


@dataclass(frozen=True, slots=True)
class Season:
    """What the plans of a period had in common: its values by revision, when the Plt of each school confirmed."""

    values: Mapping[int, Mapping[str, ParamValue]]
    confirmed: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the version of its first event. `submission` is the version whose texts hold what was handed in."""

    version: int
    submission: int | None
    recorded: Recorded

    def knowing(self, more: Known) -> Command:
        """With facts that are known from elsewhere; what the event says itself is not overruled."""
        return replace(self, recorded=replace(self.recorded, known={**more, **self.recorded.known}))


def commands(past: Past, workflows: Mapping[str, Workflow], season: Season) -> Iterator[Command]:
    """Every command that moved the plan, in order; left out is what was decided by a version nobody can read here."""
    submission: int | None = None
    for steps in _grouped(past.events):
        first, workflow = steps[0], workflows.get(steps[0]["workflow"])
        if "content" in first["digests"]:
            submission = first["version"]
        if workflow is not None:
            yield Command(first["version"], submission, _recorded(steps, workflow, past, season))


def _grouped(events: Sequence[Body]) -> Iterator[list[Body]]:
    """Each command with the automatic steps that it led to: they were decided by the same facts."""
    steps: list[Body] = []
    for event in events:
        if steps and not _follows(event, steps[-1]):
            yield steps
            steps = []
        steps.append(event)
    if steps:
        yield steps


def _follows(event: Body, before: Body) -> bool:
    alone = "cause" in event["detail"] or "moved_from" in before["detail"]
    next_to_it = event["at"] == before["at"] and event["version"] == before["version"] + 1
    return str(event["trigger"]).startswith("@") and next_to_it and not alone


def _recorded(steps: Sequence[Body], workflow: Workflow, past: Past, season: Season) -> Recorded:
    first, at = steps[0], datetime.fromisoformat(steps[0]["at"])
    npsn = first["detail"].get("moved_from", first["npsn"])
    known: dict[str, Any] = {}
    if npsn in season.confirmed:
        known["plt_confirmed"] = season.confirmed[npsn] <= at
    for step in steps:
        known |= facts_in(step["because"])
    reason = "…" if "reason" in first["digests"] else None  # that there was one is all that a guard asks
    return Recorded(
        workflow=workflow,
        trigger=first["trigger"],
        before=first["from"],
        states=tuple(step["to"] for step in steps),
        actor=_actor(first, workflow),
        owner=past.ptk_id,
        npsn=npsn,
        at=at,
        zone=zone_of(past.zone),
        params=season.values.get(first["parameters"], {}),
        known=known,
        given=Given(reason, frozenset(code for step in steps for code in step["acknowledged"])),
    )


def _actor(event: Body, workflow: Workflow) -> Actor:
    """Who acted, as the row that let them says: who acted as an admin may be the owner or the head as well."""
    if event["actor"]["kind"] == "system":
        return SYSTEM
    rows = [row for row in workflow.definition.transitions if row.id == event["transition"]]
    admin = any(row.by.role == "admin" for row in rows)
    return Actor(event["actor"]["ptk_id"], frozenset({"admin"}) if admin else frozenset())
