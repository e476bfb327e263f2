"""Something that several processes share: the first of them starts it, the last one stops it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def shared(folder: Path, start: Callable[[], T], stop: Callable[[], None]) -> Iterator[T]:
    """What `start` gives, for every process that names this folder; `start` must find what already runs.

    Two locks of the kernel, which gives them back when a process dies, however it dies. `turn`: one process at a
    time starts or stops. `use`: held together by all that use it; whoever can have it alone is the last.
    """
    with ExitStack() as stack:
        turn, use = (stack.enter_context(_lock_file(folder / name)) for name in ("turn", "use"))
        with _held(turn):
            started = start()
            fcntl.flock(use, fcntl.LOCK_SH)
        try:
            yield started
        finally:
            with _held(turn):
                if _is_alone(use):
                    stop()


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _held(lock: int) -> Iterator[None]:
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _is_alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
