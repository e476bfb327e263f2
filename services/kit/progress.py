"""Progress of long work, on stderr, so that nobody wonders whether it hangs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show `label` with a bar (where nobody watches: the label); call the given function per step."""
    with click.progressbar(length=total, label=label, file=sys.stderr, show_pos=True) as bar:
        yield lambda: bar.update(1)
