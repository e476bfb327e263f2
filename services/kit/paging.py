"""How long a page of a list may be."""

from __future__ import annotations

from services.kit.problems import Problem, Refused

LARGEST = 100


def check_size(size: int) -> None:
    """Refused `page.size` at `first` for a page out of bounds."""
    if not 1 <= size <= LARGEST:
        raise Refused(Problem("page.size", {"most": LARGEST}, ("first",)))
