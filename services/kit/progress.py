"""Progress of long work, on stderr, so that nobody wonders whether it hangs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click


class Advance(Protocol):
    """Called as work goes on: by how many steps, and what is to be said beside the bar."""

    def __call__(self, steps: int = 1, note: str | None = None) -> None:
        """Show it."""


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Show `label` with a bar (where nobody watches: the label); call the given function per step, or for several."""
    with click.progressbar(
        length=total, label=label, file=sys.stderr, show_pos=True, item_show_func=_said
    ) as bar:

        def advance(steps: int = 1, note: str | None = None) -> None:
            bar.update(steps, note)

        yield advance


def _said(note: object) -> str | None:
    return str(note) if note else None
