"""Plans in every state, and rows of faulty input for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.planning.api.ids import plan_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import TABLES, Environment, sql
from tests.integration.planning.plans import WALI_KELAS, complete_plan, submit_plan
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, NON_ASN, OF_TK, PNS, PPPK, RETIRING, UNKNOWN

KEY = "0190f0a0-a-key-of-the-table"
GHOST = "99999999-9999-4999-8999-999999999999"
TAB1, TAB2, TAB3, TAB4 = (
    "savePraktikKinerja", "savePengembanganKompetensi", "saveTugasTambahan", "savePerilakuKerja",
)  # fmt: skip
# The plans of `create_plans`: owner, state and version.
STARTED_PLAN, COMPLETE, SUBMITTED, DRAFT_OF_TK, APPROVED = NON_ASN, PNS, COLLEAGUE, OF_TK, RETIRING
VERSIONS = {STARTED_PLAN: 1, COMPLETE: 6, SUBMITTED: 7, DRAFT_OF_TK: 2, APPROVED: 8, PPPK: 2, UNKNOWN: 2}


async def create_plans(environment: Environment) -> None:
    """Delete all plans, and create one in every state."""
    await sql(environment.database, f"TRUNCATE {', '.join(TABLES)}")
    await (await environment.sign_in(STARTED_PLAN)).start_plan()
    await complete_plan(await environment.sign_in(COMPLETE))
    await (await environment.sign_in(COMPLETE)).mutate("startPlan", {})
    await submit_plan(environment, SUBMITTED)
    for number in (DRAFT_OF_TK, PPPK, UNKNOWN):
        await (await environment.sign_in(number)).start_plan()
        await (await environment.sign_in(number)).mutate_plan("confirmProfile", 1)
    retiring, head = await submit_plan(environment, APPROVED), await environment.sign_in(HEAD_OF_SD)
    await head.mutate(
        "approvePlan", {"planId": retiring.plan_id, "expectedVersion": 7, "idempotencyKey": KEY}
    )


@dataclass(frozen=True)
class Row:
    """A faulty input, its sender, the plan, and the expected codes with their paths."""

    name: str
    mutation: str
    expected_problems: list[tuple[str, str]]
    of: int = COMPLETE
    by: int | str | None = None  # the owner, if nobody is named
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input(self) -> dict[str, Any]:
        if self.mutation == "startPlan":
            return dict(self.arguments)
        whole = {"planId": plan_id(str(ptk(self.of)), "2024-1"), "expectedVersion": VERSIONS[self.of]}
        return whole | dict(self.arguments)


def bad(
    name: str,
    mutation: str,
    *expected_problems: str,
    of: int = COMPLETE,
    by: int | str | None = None,
    **arguments: Any,
) -> Row:
    """Return a row. `expected_problems` are codes with their path after an @: `key.malformed@input.idempotencyKey`."""
    pairs = [(code, path) for code, _, path in (problem.partition("@") for problem in expected_problems)]
    return Row(name, mutation, pairs, of, by, arguments)


def sk(**changed: Any) -> dict[str, Any]:
    """Return the duty of a wali kelas with changed fields, as the tab Tugas Tambahan takes it."""
    return {"tugas": [WALI_KELAS | changed]}


def expect_two_sentences(problem: Mapping[str, Any], in_english: Mapping[str, Any]) -> None:
    """Check that a problem has a full sentence in each of two languages."""
    texts = problem["message"], in_english["message"]
    assert len({problem["code"], *texts}) == 3, texts
    assert all(text.rstrip()[-1] in ".?" and "…" not in text for text in texts), texts
