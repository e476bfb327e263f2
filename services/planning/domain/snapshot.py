"""A plan's row against what its events last kept of it, as far as no event has changed it since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from services.kit.problem import Problem
from services.planning.domain.chain import StoredPlan, StoredText
from services.planning.domain.kept import part_of


def differences(plan: StoredPlan) -> Iterator[Problem]:
    """One finding for each snapshot that the row differs from; none for a text that is erased or cannot be read.

    Choices that were saved since they were handed in stand in no text; nor does the school, once the plan was moved.
    """
    handed_in, seen = _last(plan, "content"), _last(plan, "profile")
    if handed_in and not any(
        event.kind == "tab_saved" and event.version > handed_in.version for event in plan.events
    ):
        yield from _difference(handed_in, {"content": _read(handed_in)}, plan)
    if seen:
        told = _read(seen)
        parts = {name: told.get(name) for name in ("profile", "school")} if isinstance(told, dict) else {}
        if any(event.version >= seen.version and '"moved_from":' in event.body for event in plan.events):
            parts.pop("school", None)
        yield from _difference(seen, parts, plan)


def _last(plan: StoredPlan, name: str) -> StoredText | None:
    named = (text for text in plan.texts if text.name == name)
    last = max(named, key=lambda text: text.version, default=None)
    return last if last and last.value is not None else None


def _difference(text: StoredText, parts: Mapping[str, object], plan: StoredPlan) -> Iterator[Problem]:
    kept = {name: part_of(name, value) for name, value in parts.items()}
    wrong = [name for name, part in kept.items() if part and part != part_of(name, getattr(plan, name))]
    if wrong:
        yield Problem("verify.snapshot_differs", {"version": text.version, "columns": wrong})


def _read(text: StoredText) -> Any:
    try:
        return json.loads(text.value or "")
    except (ValueError, RecursionError):
        return None
