"""Helpers of tests of workflow versions: definitions, and mutations of admins over GraphQL."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.api.ids import workflow_version_id
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period.queries import find_period_problems
from services.planning.versions import commands as versions
from services.planning.versions.store import WorkflowCache
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Client,
    Environment,
    join_payload,
    payload_document,
)
from tests.small_registry import ADMIN
from tests.small_registry import SECOND as SECOND
from workflows.files.loader import load_definition, read_shipped
from workflows.model.canonical import hash_definition

SARI, BUDI = AdminActor(ActorKind.OPERATOR, "Sari Contoh"), AdminActor(ActorKind.OPERATOR, "Budi Contoh")
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
REASON = "Masukan dari para guru."

VERSION_FIELDS = """
fragment Version on WorkflowVersion {
  id sha256 name status label basedOn { id sha256 }
  acts { status occurredAt reason actor { role nama account isViewer } }
}
"""


def shipped_with(old: str, new: str) -> str:
    """Return the shipped definition after a change of its text."""
    text = read_shipped().decode()
    assert old in text
    return text.replace(old, new)


ACTS = (
    "proposeWorkflowVersion",
    "approveWorkflowVersion",
    "rejectWorkflowVersion",
    "publishWorkflowVersion",
    "retireWorkflowVersion",
)
UNSOUND = shipped_with("    to: approved\n", "    to: draft\n")
NEEDS_MORE = shipped_with(
    "params:\n", "params:\n  stars:\n    type: int\n    maximum: 5\n    label: {id: Bintang, en: Stars}\n"
)
OTHER_DEFINITION = shipped_with("id: Diajukan,", "id: Sudah diajukan,")


def sha_of(text: str) -> str:
    """Return the SHA-256 of a definition."""
    return hash_definition(load_definition(text))


SHIPPED_SHA256 = sha_of(read_shipped().decode())


async def mutate_version(
    environment: Environment, user: int | str, mutation: str, language: str = "id", /, **arguments: object
) -> dict[str, Any]:
    """Run a mutation; `sha256` names the version. Returns the version, or the rejection."""
    replayed = "replayed " if mutation == "proposeWorkflowVersion" else ""
    document = payload_document(mutation, replayed + "workflowVersion { ...Version }")
    document += VERSION_FIELDS + PROBLEM_FIELDS
    person = await environment.sign_in(user)
    arguments = {"reason": REASON} | _with_id(arguments)
    return join_payload((await person.execute(document, language, input=arguments))["answer"])


def _with_id(arguments: dict[str, object]) -> dict[str, object]:
    """Replace the SHA-256 of a version by its id."""
    sha256 = arguments.pop("sha256", None)
    return (
        arguments if sha256 is None else arguments | {"workflowVersionId": workflow_version_id(str(sha256))}
    )


async def expect_version(
    environment: Environment, user: int | str, mutation: str, **arguments: object
) -> dict[str, Any]:
    """Run a mutation that must succeed. Returns the version."""
    answer = await mutate_version(environment, user, mutation, **arguments)
    assert answer["__typename"].endswith("Payload"), answer
    return answer


async def approve_version(environment: Environment, text: str = OTHER_DEFINITION) -> str:
    """Propose a version as one admin and approve it as another. Returns its SHA-256."""
    sha = str((await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text))["sha256"])
    await expect_version(environment, SECOND, "approveWorkflowVersion", sha256=sha)
    return sha


async def load_version(person: Client, fields: str, sha: str | None = None) -> dict[str, Any]:
    """Query fields of a version, by default the published one."""
    version = (
        await person.execute(
            f"query Q($id: ID) {{ workflowVersion(id: $id) {{ {fields} }} }}",
            id=workflow_version_id(sha) if sha else None,
        )
    )["workflowVersion"]
    return dict(version)


async def publish_text(database: Database, text: str) -> str:
    """Propose, approve and publish a version as operators. Returns its SHA-256."""
    with database.active():
        clock = Clock(NEW_YEAR)
        sha256, _ = await versions.propose(clock, SARI, text.encode(), REASON)
        await versions.decide(clock, BUDI, sha256, Decision.APPROVE, REASON)
        await versions.publish(
            clock,
            BUDI,
            sha256,
            REASON,
            partial(find_period_problems, WorkflowCache(), NEW_YEAR),
            database.connection,
        )
    return sha256


async def dump_versions(environment: Environment) -> list[dict[str, Any]]:
    """Dump everything that acts on versions write."""
    rows = await environment.sql("SELECT v::text AS row FROM workflow_version v ORDER BY sha256")
    return [*rows, *await environment.sql("SELECT a::text AS row FROM admin_act a ORDER BY id")]


async def workflow_of(environment: Environment, teacher: int) -> str:
    """Return the workflow version of a teacher's plan."""
    (row,) = await environment.sql("SELECT workflow FROM plan WHERE ptk_id = $1", ptk(teacher))
    return str(row["workflow"])
