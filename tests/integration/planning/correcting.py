"""The correction (docs/workflow-admins.md): a version under which a teacher may have an approved plan corrected."""

from __future__ import annotations

from pathlib import Path

from tests.integration.planning.publishing import shipped_with

STATE = """\
  correction_requested:
    label: {id: Koreksi diminta, en: Correction requested}
    phase: approved
    turn:
      - {who: dinas, when: head_is_owner}
      - who: head
"""
ROWS = Path(__file__).with_name("correction.yaml").read_text()
BEFORE, OUTSIDE = "  auto_approved:\n    label", "  # ── outside the normal course"

CORRECTING = shipped_with(BEFORE, STATE + BEFORE).replace(OUTSIDE, f"{ROWS}\n{OUTSIDE}")
