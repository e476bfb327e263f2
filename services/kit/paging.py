"""How long a page of a list may be."""

from __future__ import annotations

from services.kit.problems import Problem, RequestRefused

MAX_PAGE_SIZE = 100


def check_page_size(size: int) -> None:
    """RequestRefused `page.size` at `first` for a page out of bounds."""
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise RequestRefused(Problem("page.size", {"most": MAX_PAGE_SIZE}, ("first",)))
