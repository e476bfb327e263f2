"""The size of a page of a list."""

from __future__ import annotations

from services.kit.problems import Problem, RequestRefused

MAX_PAGE_SIZE = 100


def check_page_size(size: int) -> None:
    """Raise RequestRefused `page.size` at `first` unless the size is between 1 and MAX_PAGE_SIZE."""
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise RequestRefused(Problem("page.size", {"most": MAX_PAGE_SIZE}, ("first",)))
