"""The workflow is changed in mid-season: what would do harm is refused with its witness, the rest is proved."""

from __future__ import annotations

from demo import cast
from demo.person import Person
from demo.stage import Stage
from demo.stories.extension import THURSDAY
from demo.transcript import Transcript
from workflows.files.loader import shipped

GIST = (
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


async def play(stage: Stage, say: Transcript) -> None:
    """A definition is proved before anyone depends on it."""
    await stage.at(THURSDAY, "WIB", say)
    laras = await stage.enter(cast.LARAS, say, app="admin")
    say.request(f"YAML=$(sed '/id: submit$/,/by:/s/{HASTE[0]}/{HASTE[1]}/' {FILE})")
    hasty = shipped().decode().replace(*HASTE, 1)
    told = await laras.is_refused("DraftWorkflow", None, *MEANT, yaml=hasty, reason=REASON)
    say.tell("What shows it, for somebody who writes no programs:")
    say.answer(*told["problems"][1]["witness"])
    say.tell("So not at once, but by the system, wherever somebody leads the school:")
    say.request(f"YAML=$(sed 's/{DECREE[0]}/{DECREE[1]}/' {FILE})")
    decree = shipped().decode().replace(DECREE[0].replace("\\", ""), DECREE[1])
    draft = await laras.acts("DraftWorkflow", yaml=decree, reason=REASON)
    sha = draft["sha256"]
    await laras.is_refused("ApproveWorkflow", None, "change_request.is_yours", sha256=sha, reason="Setuju.")
    say.tell("A draft that the second admin does not want is rejected:")
    other = shipped().decode().replace("id: Diajukan,", "id: Sudah dikirim,", 1)
    unwanted = (await laras.acts("DraftWorkflow", yaml=other, reason=REASON))["sha256"]
    teguh = await stage.enter(cast.TEGUH, say, app="admin")
    await teguh.acts("RejectWorkflow", sha256=unwanted, reason="Istilah lama tetap dipakai.")
    await _published(teguh, sha, say)
    await _taken_back(await stage.enter(cast.LARAS, say, app="admin"), sha, draft["parent"], say)


async def _published(teguh: Person, sha: str, say: Transcript) -> None:
    """The second admin reads what changes, for whom, and agrees."""
    await teguh.asks("Workflow", sha256=sha, period="2024-1")
    for change in (await teguh.asks("WorkflowDiff", to=sha))["diff"]["changes"]:
        say.answer(f"[{change['class'].lower()}] {change['sentence']}")
    await teguh.acts("ApproveWorkflow", sha256=sha, reason="Diperiksa: tidak ada yang tertahan.")
    await teguh.acts("PublishWorkflow", sha256=sha, reason="Berlaku untuk rencana baru.")
    say.answer("new plans live by it from now on; those that live keep theirs")


async def _taken_back(laras: Person, sha: str, former: str, say: Transcript) -> None:
    """A version that was published before needs nobody's approval again."""
    await laras.is_refused("RetireWorkflow", None, "workflow.in_use", sha256=sha, reason="Dicabut.")
    await laras.acts("PublishWorkflow", sha256=former, reason="Surat edaran dicabut.")
    await laras.acts("RetireWorkflow", sha256=sha, reason="Dicabut.")
    for edge in (await laras.asks("Workflows"))["edges"]:
        version = edge["node"]
        last = version["acts"][-1]
        say.answer(f"{version['sha256'][:12]} {version['status'].lower()}, {last['reason']}")
