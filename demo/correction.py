"""The shipped workflow with transitions that correct an approved plan; their YAML is in demo/data/correction."""

from __future__ import annotations

import re
from pathlib import Path

from workflows.files.loader import read_shipped

PARTS = Path(__file__).parent / "data" / "correction"


def correction_workflow() -> str:
    """Return the YAML of the definition."""
    states, transitions = ((PARTS / f"{name}.yaml").read_text("utf-8") for name in ("states", "transitions"))
    definition = _insert(states, "  auto_approved", read_shipped().decode())
    return _insert(f"{transitions}\n", "timers", definition)


def _insert(lines: str, next_key: str, definition: str) -> str:
    """Insert lines before a key and the comments above it."""
    result, count = re.subn(rf"(?m)^(?=( *#.*\n)*{next_key}:$)", lines, definition, count=1)
    assert count == 1, f"no key {next_key}"
    return result


if __name__ == "__main__":
    print(correction_workflow(), end="")
