"""The workflow is changed in mid-season: what would do harm is refused with its witness, the rest is proved."""

from __future__ import annotations

from demo import people
from demo.scenarios.steps import THURSDAY
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript
from workflows.files.loader import shipped

SUMMARY = (
    "A decree trusts the teachers: who hands in is approved. Laras writes that down in haste. Then she reads what it "
    "would mean, and does what was asked for."
)
FILE = "workflows/definitions/perencanaan-kinerja.yaml"
# As `sed` has them: what is found, what takes its place. In haste it is the first of several, the row of `submit`.
HASTE = ("to: submitted", "to: approved")
DECREE = (
    "head_is: {kind: plt}}, {not: head_is_owner}\\]",
    "not: {head_is: {kind: kosong}}}, {not: head_is_owner}]",
)
MEANT = ("lint.not_theirs", "lint.undecided", "lint.unreachable", "lint.unreachable")
REASON = "Surat edaran contoh: kepala sekolah tidak lagi memutuskan satu per satu."


async def run(services: Services, transcript: Transcript) -> None:
    """A definition is proved before anyone depends on it."""
    await services.restart_at(THURSDAY, "WIB", transcript)
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    transcript.request(f"YAML=$(sed '/id: submit$/,/by:/s/{HASTE[0]}/{HASTE[1]}/' {FILE})")
    hasty = shipped().decode().replace(*HASTE, 1)
    told = await laras.expect_refusal("DraftWorkflow", None, *MEANT, yaml=hasty, reason=REASON)
    transcript.narrate("What shows it, for somebody who writes no programs:")
    transcript.answer(*told["problems"][1]["witness"])
    transcript.narrate("So not at once, but by the system, wherever somebody leads the school:")
    transcript.request(f"YAML=$(sed 's/{DECREE[0]}/{DECREE[1]}/' {FILE})")
    decree = shipped().decode().replace(DECREE[0].replace("\\", ""), DECREE[1])
    draft = await laras.admin_command("DraftWorkflow", yaml=decree, reason=REASON)
    sha = draft["sha256"]
    await laras.expect_refusal(
        "ApproveWorkflow", None, "change_request.is_yours", sha256=sha, reason="Setuju."
    )
    transcript.narrate("A draft that the second admin does not want is rejected:")
    other = shipped().decode().replace("id: Diajukan,", "id: Sudah dikirim,", 1)
    unwanted = (await laras.admin_command("DraftWorkflow", yaml=other, reason=REASON))["sha256"]
    teguh = await services.sign_in(people.TEGUH, transcript, app="admin")
    await teguh.admin_command("RejectWorkflow", sha256=unwanted, reason="Istilah lama tetap dipakai.")
    await _published(teguh, sha, transcript)
    await _taken_back(
        await services.sign_in(people.LARAS, transcript, app="admin"), sha, draft["parent"], transcript
    )


async def _published(teguh: Session, sha: str, transcript: Transcript) -> None:
    """The second admin reads what changes, for whom, and agrees."""
    await teguh.query("Workflow", sha256=sha, period="2024-1")
    for change in (await teguh.query("WorkflowDiff", to=sha))["diff"]["changes"]:
        transcript.answer(f"[{change['class'].lower()}] {change['sentence']}")
    await teguh.admin_command("ApproveWorkflow", sha256=sha, reason="Diperiksa: tidak ada yang tertahan.")
    await teguh.admin_command("PublishWorkflow", sha256=sha, reason="Berlaku untuk rencana baru.")
    transcript.answer("new plans live by it from now on; those that live keep theirs")


async def _taken_back(laras: Session, sha: str, former: str, transcript: Transcript) -> None:
    """A version that was published before needs nobody's approval again."""
    await laras.expect_refusal("RetireWorkflow", None, "workflow.in_use", sha256=sha, reason="Dicabut.")
    await laras.admin_command("PublishWorkflow", sha256=former, reason="Surat edaran dicabut.")
    await laras.admin_command("RetireWorkflow", sha256=sha, reason="Dicabut.")
    for edge in (await laras.query("Workflows"))["edges"]:
        version = edge["node"]
        last = version["acts"][-1]
        transcript.answer(f"{version['sha256'][:12]} {version['status'].lower()}, {last['reason']}")
