"""The shipped definition with a way to correct an approved plan: the parts of it stand in demo/data/koreksi."""

from __future__ import annotations

from pathlib import Path

from workflows.files.loader import shipped

PARTS = Path(__file__).parent / "data" / "koreksi"
STATE, OUTSIDE = "  auto_approved:\n    label", "  # ── outside the normal course"


def definition() -> str:
    """Its text, to be drafted."""
    states, rows = ((PARTS / f"{name}.yaml").read_text("utf-8") for name in ("states", "transitions"))
    text = shipped().decode()
    return text.replace(STATE, states + STATE, 1).replace(OUTSIDE, f"{rows}\n{OUTSIDE}", 1)


if __name__ == "__main__":
    print(definition(), end="")
