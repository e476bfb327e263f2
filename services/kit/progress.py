"""Progress of long work, on stderr, so that nobody wonders whether it hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show `label` with a bar (or, where nobody watches, the finished count); call the given function per step."""
    err = click.get_text_stream("stderr")
    with click.progressbar(length=total, label=label, file=err, show_pos=True) as bar:
        yield lambda: bar.update(1)
