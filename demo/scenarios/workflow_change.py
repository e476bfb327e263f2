"""Admins change the workflow within a period: the linter refuses a harmful proposal and shows an example."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import THURSDAY
from demo.services import ScenarioContext
from demo.session import Session
from workflows.files.loader import read_shipped

SUMMARY = (
    "By a decree, plans are approved when they are submitted. The first proposal of Laras is refused: a teacher would "
    "approve her own plan. Her second proposal is correct."
)
FILE = "workflows/definitions/perencanaan-kinerja.yaml"
# patterns and replacements of `sed`; HARMFUL changes the first match, the transition `submit`
HARMFUL = ("to: submitted", "to: approved")
DECREE = (
    "head_is: {kind: plt}}, {not: head_is_owner}\\]",
    "not: {head_is: {kind: kosong}}}, {not: head_is_owner}]",
)
FINDINGS = ("lint.contract_way", "lint.wrong_role", "lint.undecided", "lint.unreachable", "lint.unreachable")
REASON = "Surat edaran contoh: kepala sekolah tidak lagi memutuskan satu per satu."


async def run(context: ScenarioContext) -> None:
    """Propose, refuse, reject, publish and retire versions."""
    await context.set_clock(THURSDAY, "WIB")
    laras = await context.sign_in(people.LARAS, app="admin")
    context.transcript.request(f"YAML=$(sed '/id: submit$/,/by:/s/{HARMFUL[0]}/{HARMFUL[1]}/' {FILE})")
    harmful_yaml = read_shipped().decode().replace(*HARMFUL, 1)
    refusal = await laras.expect_refusal(
        "ProposeWorkflowVersion", None, *FINDINGS, yaml=harmful_yaml, reason=REASON
    )
    context.transcript.narrate("The example of the linter:")
    context.transcript.answer(*refusal["problems"][2]["finding"]["witness"])
    context.transcript.narrate("The second proposal: the system approves, unless the head is vacant:")
    context.transcript.request(f"YAML=$(sed 's/{DECREE[0]}/{DECREE[1]}/' {FILE})")
    decree_yaml = read_shipped().decode().replace(DECREE[0].replace("\\", ""), DECREE[1])
    proposal = await laras.command("ProposeWorkflowVersion", yaml=decree_yaml, reason=REASON)
    id = proposal["id"]
    await laras.expect_refusal(
        "ApproveWorkflowVersion", None, "change_request.is_yours", workflowVersionId=id, reason="Setuju."
    )
    context.transcript.narrate("The second admin rejects another proposal:")
    other_yaml = read_shipped().decode().replace("id: Diajukan,", "id: Sudah dikirim,", 1)
    other = await laras.command("ProposeWorkflowVersion", yaml=other_yaml, reason=REASON)
    teguh = await context.sign_in(people.TEGUH, app="admin")
    await teguh.command(
        "RejectWorkflowVersion", workflowVersionId=other["id"], reason="Istilah lama tetap dipakai."
    )
    await _approve_and_publish(teguh, id)
    await _publish_former(await context.sign_in(people.LARAS, app="admin"), id, proposal["basedOn"]["id"])


async def _approve_and_publish(teguh: Session, id: str) -> None:
    """Read the differences, approve and publish."""
    await teguh.query("WorkflowVersion", id=id, period="2024-1")
    for change in (await teguh.query("WorkflowVersionDiff", toId=id))["diff"]["changes"]:
        teguh.transcript.answer(f"[{change['severity'].lower()}] {change['sentence']}")
    await teguh.command(
        "ApproveWorkflowVersion", workflowVersionId=id, reason="Diperiksa: tidak ada yang tertahan."
    )
    await teguh.command("PublishWorkflowVersion", workflowVersionId=id, reason="Berlaku untuk rencana baru.")
    teguh.transcript.answer("new plans use this version; existing plans keep theirs")


async def _publish_former(laras: Session, id: str, former: str) -> None:
    """Publish the former version, which needs no second approval, and retire the new one."""
    await laras.expect_refusal(
        "RetireWorkflowVersion", None, "workflow.in_use", workflowVersionId=id, reason="Dicabut."
    )
    await laras.command("PublishWorkflowVersion", workflowVersionId=former, reason="Surat edaran dicabut.")
    await laras.command("RetireWorkflowVersion", workflowVersionId=id, reason="Dicabut.")
    for version in (await laras.query("WorkflowVersions"))["nodes"]:
        act = version["acts"][-1]
        laras.transcript.answer(f"{version['sha256'][:12]} {version['status'].lower()}, {act['reason']}")
