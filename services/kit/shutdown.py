"""Whether this process is ending: it still answers, but wants no new requests."""

from __future__ import annotations

_has_begun = False


def begin_shutdown() -> None:
    """Make the process not ready, and its answers the last ones of their connections."""
    global _has_begun
    _has_begun = True


def shutdown_has_begun() -> bool:
    """Return whether the process is ending."""
    return _has_begun
