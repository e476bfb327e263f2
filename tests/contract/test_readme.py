"""The workflow that the README draws is the shipped one."""

from __future__ import annotations

from click.testing import CliRunner

from services.cli import rencana
from tests.composed import ROOT

DIAGRAM = ("workflow", "diagram", "workflows/definitions/perencanaan-kinerja.yaml", "--language", "en")


def test_readme_draws_the_shipped_workflow() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    drawing = CliRunner().invoke(rencana, [*DIAGRAM[:2], str(ROOT / DIAGRAM[2]), *DIAGRAM[3:]]).output
    assert drawing.startswith("stateDiagram-v2\n")
    assert f"```mermaid\n{drawing}```" in readme, f"copy the output of `rencana {' '.join(DIAGRAM)}`"
