"""Helpers of tests in which admins change a period's values over GraphQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.identity.accounts.commands import grant_scope
from services.kit.database import Database
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Client,
    Environment,
    join_payload,
    payload_document,
)
from tests.small_registry import ADMIN, AS_OF, OTHER_ACCOUNT, email_of, import_account_rows

SECOND_ADMIN = "penyetuju@dinas.belajar.id"
SWITCH = "approve_automatically"
ON, OFF = {"bool": True}, {"bool": False}
DAY = timedelta(days=1)
REASON = "Surat edaran contoh."
REQUEST_FIELDS = """replayed changeRequest { id kind state author { account isViewer } reason expiresAt isStale
  revision { effectiveFrom waitingPlanCount changes { name label before after sentence } revisions { number } }
  acts { state actor { account } reason } }"""
PERIOD_QUERY = """query Q { period(code: "2024-1") {
  revisions { nodes { number effectiveFrom author { role nama account } approver { role nama account } reason
    changes { name before after sentence } } }
  changeRequests { nodes { id state revision { waitingPlanCount changes { sentence } } }
    pageInfo { hasNextPage } } } }"""


async def appoint_admins(identity: Database) -> None:
    """A second admin without a PTK record, and a teacher who is an admin with each of two accounts."""
    with identity.active():
        await import_account_rows(f"{SECOND_ADMIN},,,,")
        for email in (SECOND_ADMIN, email_of(1), OTHER_ACCOUNT):
            await grant_scope(email, "admin", "test", AS_OF)


async def mutate_proposal(
    person: Client, mutation: str, language: str = "id", **arguments: Any
) -> dict[str, Any]:
    """Propose a revision, or decide it. Returns the answer."""
    query = payload_document(mutation, REQUEST_FIELDS) + PROBLEM_FIELDS
    return join_payload(
        (await person.execute(query, language, input={"reason": REASON, **arguments}))["answer"]
    )


async def propose(person: Client, language: str = "id", /, **values: object) -> dict[str, Any]:
    """Propose values that are effective once approved. Returns the answer."""
    revision_values = [{"name": name, "value": value} for name, value in values.items()]
    return await mutate_proposal(
        person, "proposePeriodRevision", language, period="2024-1", values=revision_values
    )


async def close_proposal(person: Client, mutation: str, proposal: Mapping[str, Any]) -> dict[str, Any]:
    """Approve, reject or withdraw a proposal. Returns the answer."""
    return await mutate_proposal(person, mutation, changeRequestId=proposal["id"])


async def change_values(environment: Environment, **values: object) -> int:
    """Change values as two admins, effective now. Returns the number of the revision."""
    proposal = await propose(await environment.sign_in(ADMIN), **values)
    answer = await close_proposal(await environment.sign_in(SECOND_ADMIN), "approveChangeRequest", proposal)
    assert answer["__typename"] == "ApproveChangeRequestPayload", answer
    return list_revisions(answer)[0]


def list_revisions(change_request: Mapping[str, Any]) -> list[int]:
    """The numbers of the revisions that a change request has led to."""
    return [revision["number"] for revision in change_request["revision"]["revisions"]]


async def dump_records(environment: Environment) -> dict[str, list[str]]:
    """Dump everything that these mutations write."""
    tables = ("period_revision", "change_request", "admin_act")
    return {
        table: [
            row["row"] for row in await environment.sql(f"SELECT t::text AS row FROM {table} t ORDER BY 1")
        ]
        for table in tables
    }
