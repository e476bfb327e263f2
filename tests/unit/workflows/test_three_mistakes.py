"""Three wrong drafts: their findings, and the witnesses that an admin reads."""

from __future__ import annotations

import pytest

from tests.unit.workflows.draft_texts import STUCK_UNDER_PLT, SUBMIT_APPROVES, TWO_APPROVALS
from tests.unit.workflows.witness_checks import check_witness
from workflows.files.loader import load_definition
from workflows.lint.check import build_proved_workflow, lint
from workflows.lint.witness_text import describe_witness
from workflows.model.findings import DefinitionError, Finding
from workflows.model.messages import Language


def lint_text(source: str, code: str, language: Language) -> tuple[str, ...]:
    """The text of a finding and of its witness, after the engine confirmed the witness."""
    definition = load_definition(source)
    with pytest.raises(DefinitionError) as error:
        build_proved_workflow(definition)
    finding: Finding = next(finding for finding in error.value.findings if finding.code == code)
    check_witness(definition, finding)
    return (finding.message(language), *describe_witness(definition, finding, language))


def test_a_draft_that_is_stuck_under_a_plt_is_refused() -> None:
    assert lint_text(STUCK_UNDER_PLT, "lint.stuck_plt", "en") == (
        "At a school led by a Plt, a plan in the state submitted is stuck. "
        "Add a transition for it, or relax a condition.",
        "“Submit” by the teacher: the plan goes from Draft to Submitted. "
        "Facts: the school has a definitif principal; “Approve every plan automatically” is off.",
        "The plan is in the state Submitted. Facts: the school is led by a Plt; "
        "“Approve every plan automatically” is off; the Plt has confirmed.",
        "“Approved automatically by the system” by the system is not possible: "
        "The setting for this step is switched off in this period.",
        "“Approve” by the head of the school is not possible: This step is only for schools with a definitif "
        "principal. The status of the principal is plt now.",
        "“Ask for revision” by the head of the school is possible, but does not lead to an end.",
        *(
            f"“{label}” by the dinas is not possible: The owner of the plan does not lead the school, so its head "
            "decides, and not the dinas."
            for label in ("Approve", "Ask for revision")
        ),
    )
    in_indonesian = lint_text(STUCK_UNDER_PLT, "lint.stuck_plt", "id")
    assert in_indonesian[0].startswith(
        "Di sekolah yang dipimpin Plt, rencana dalam status submitted tidak pernah maju."
    )
    assert in_indonesian[2].startswith("Rencana berada dalam status Diajukan. Keadaan: sekolah dipimpin Plt;")


def test_a_draft_with_two_approvals_is_refused() -> None:
    english, indonesian = (lint_text(TWO_APPROVALS, "lint.ambiguous", language) for language in ("en", "id"))
    assert english[0].startswith(
        "From the state submitted, send_back and approve can both fire for the same person"
    )
    assert english[-2:] == (
        "The plan is in the state Submitted. Facts: the school has a definitif principal; 31 points.",
        "Now approve, send_back can both fire.",
    )
    assert indonesian[-2].endswith("Keadaan: sekolah dipimpin kepala sekolah definitif; 31 poin.")


def test_a_draft_that_approves_on_submission_is_refused() -> None:
    english = lint_text(SUBMIT_APPROVES, "lint.undecided", "en")
    assert english == (
        "The transition submit takes a plan from the state draft into the phase approved without a decision. "
        "That phase must be reached from auto_approved, submitted.",
        "The plan is in the state Draft. Facts: the school has a definitif principal.",
        "“Submit” by the teacher is possible now (submit).",
    )
    assert lint_text(SUBMIT_APPROVES, "lint.wrong_role", "id")[0].endswith(
        "hanya boleh diambil oleh dinas, superior, system."
    )


def test_each_draft_has_only_its_own_findings() -> None:
    codes = [
        sorted({finding.code for finding in lint(load_definition(source))})
        for source in (STUCK_UNDER_PLT, TWO_APPROVALS, SUBMIT_APPROVES)
    ]
    assert codes == [
        ["lint.stuck_plt"],
        ["lint.ambiguous", "lint.contract_way"],
        ["lint.contract_way", "lint.undecided", "lint.unreachable", "lint.wrong_role"],
    ]
