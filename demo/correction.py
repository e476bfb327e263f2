"""The shipped workflow with transitions that correct an approved plan; their YAML is in demo/data/koreksi."""

from __future__ import annotations

from pathlib import Path

from workflows.files.loader import read_shipped

PARTS = Path(__file__).parent / "data" / "koreksi"
# the lines before which the additional states and transitions are inserted
NEXT_STATE, NEXT_TRANSITION = "  auto_approved:\n    label", "  # ── outside the normal course"


def correction_workflow() -> str:
    """Return the YAML of the definition."""
    states, transitions = ((PARTS / f"{name}.yaml").read_text("utf-8") for name in ("states", "transitions"))
    definition = read_shipped().decode().replace(NEXT_STATE, states + NEXT_STATE, 1)
    return definition.replace(NEXT_TRANSITION, f"{transitions}\n{NEXT_TRANSITION}", 1)


if __name__ == "__main__":
    print(correction_workflow(), end="")
