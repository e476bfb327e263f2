"""Commands on workflow versions: draft, approve, publish, retire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.database import in_unit_of_work
from services.kit.problems import Problem, Refused
from services.planning.callers.commands import reason_faults
from services.planning.callers.model import By
from services.planning.period import store as periods
from services.planning.period.model import unfit
from services.planning.versions import store as stored
from services.planning.versions import store as stored_acts
from services.planning.versions.model import Act, DefinitionProblem, Status, published_of, refusals, status_of
from services.planning.versions.store import Workflows
from workflows.files.loader import load
from workflows.files.writer import as_yaml
from workflows.lint.build import assemble
from workflows.lint.check import lint
from workflows.model.canonical import canonical
from workflows.model.canonical import sha256 as sha256_of
from workflows.model.definition import Definition
from workflows.model.findings import DefinitionError, Finding

YAML, SHA256 = ("input", "yaml"), ("input", "sha256")


async def sound(raw: bytes, path: tuple[str, ...] = YAML, others: Sequence[Problem] = ()) -> Definition:
    """The definition in a text, proved; Refused with every finding, and with what else is wrong."""
    definition, findings = await asyncio.to_thread(findings_in, raw)
    problems = [
        DefinitionProblem(one.code, one.params, path, finding=one, definition=definition) for one in findings
    ]
    if definition is None or problems or others:
        raise Refused([*others, *problems])
    return definition


def findings_in(raw: bytes) -> tuple[Definition | None, Sequence[Finding]]:
    """What a text defines, if it can be read at all, and everything wrong with it."""
    definition = None
    try:
        definition = load(raw)
        if findings := lint(definition):
            return definition, findings
        assemble(definition)
        # Kept as canonical JSON and given out as YAML: neither may come to be larger than what is read.
        load(canonical(definition))
        load(as_yaml(definition))
    except DefinitionError as error:
        return definition, error.findings
    return definition, ()


Check = Callable[[BaseDBAsyncClient], Awaitable[list[Problem]]]


@dataclass(frozen=True, slots=True)
class Done:
    """The version that was acted on. `replayed`: it stood already, nothing was done."""

    sha256: str
    name: str
    replayed: bool = False


async def draft(clock: Clock, by: By, raw: bytes, reason: str, parent: str | None = None) -> Done:
    """Keep a sound definition as a draft made from `parent` (default: the published version).

    Refused with everything that is wrong with it; then nothing is stored. What stands already stands.
    """
    definition = await sound(raw, YAML, list(reason_faults(reason)))
    name, sha256 = definition.name, sha256_of(definition)

    async def work(connection: BaseDBAsyncClient) -> Done:
        await stored_acts.lock(name, connection)
        acts = await stored_acts.acts_of(name, connection)
        if parent is not None and status_of(acts, parent) is None:
            raise Refused(Problem("workflow.parent_unknown", {"name": name}, ("input", "parent")))
        if status_of(acts, sha256) not in {None, Status.RETIRED}:
            return Done(sha256, name, replayed=True)
        await stored.store(definition, clock.now(), connection)
        origin = parent or published_of(acts)
        act = Act(name, len(acts) + 1, sha256, Status.DRAFTED, by, reason, clock.now(), origin)
        await stored_acts.add(act, connection)
        return Done(sha256, name)

    return await in_unit_of_work(work)


async def approve(clock: Clock, by: By, sha256: str, reason: str) -> Done:
    """The second person's yes; Refused for the author, and for what is no draft."""
    return await _act(clock, by, sha256, Status.APPROVED, reason)


async def publish(clock: Clock, by: By, sha256: str, reason: str, workflows: Workflows) -> Done:
    """New plans live by this approved version from now on, in every process; those that live keep theirs.

    Proved again first, for the linter may know more by now, and held against the values of every period that has not
    ended: Refused where one of them would not suffice.
    """
    definition = await sound(await _body(sha256), SHA256, list(reason_faults(reason)))

    async def fits(connection: BaseDBAsyncClient) -> list[Problem]:
        return await unfit_periods(definition, clock, workflows, connection)

    return await _act(clock, by, sha256, Status.PUBLISHED, reason, fits)


async def retire(clock: Clock, by: By, sha256: str, reason: str) -> Done:
    """No plan starts by this version any more; Refused for the published one, which can only be replaced."""
    return await _act(clock, by, sha256, Status.RETIRED, reason)


async def _act(
    clock: Clock, by: By, sha256: str, wanted: Status, reason: str, check: Check | None = None
) -> Done:
    faults, name = list(reason_faults(reason)), await stored_acts.name_of(sha256)
    if name is None:
        raise Refused([Problem("workflow.unknown", {}, SHA256), *faults])
    known = name

    async def work(connection: BaseDBAsyncClient) -> Done:
        await stored_acts.lock(known, connection)
        acts = await stored_acts.acts_of(known, connection)
        problems = [*refusals(acts, sha256, wanted, by), *faults]
        if problems or (check and (problems := await check(connection))):
            raise Refused(problems)
        act = Act(known, len(acts) + 1, sha256, wanted, by, reason, clock.now())
        await stored_acts.add(act, connection)
        return Done(sha256, known)

    return await in_unit_of_work(work)


async def unfit_periods(
    definition: Definition, clock: Clock, workflows: Workflows, connection: BaseDBAsyncClient
) -> list[Problem]:
    """What the periods that have not ended lack for a version, under the lock of its name, and theirs from now on."""
    problems: list[Problem] = []
    for code in await stored_acts.periods_by(definition.name, _yesterday(clock), connection):
        await periods.lock_period(code, connection)  # no revision comes in between
        used = await periods.load_period(code, workflows, connection)
        problems += unfit(definition, used.period, clock.now()) if used else []
    return problems


def _yesterday(clock: Clock) -> date:
    """A day that is past in every zone."""
    return clock.now().date() - timedelta(days=1)


async def _body(sha256: str) -> bytes:
    body = (await stored.bodies([sha256])).get(sha256)
    if body is None:
        raise Refused(Problem("workflow.unknown", {}, SHA256))
    return body.encode()
