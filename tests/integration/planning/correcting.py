"""The correction (docs/workflow-admins.md): a version under which a teacher may have an approved plan corrected."""

from __future__ import annotations

from demo.correction import correction_workflow

CORRECTING = correction_workflow()
