"""Every pair of commands, and the start from which both, or one after the other, can be carried out."""

from __future__ import annotations

from itertools import combinations_with_replacement

from tests.proofs.oracle import (
    APPROVE,
    BEGIN,
    CONFIRM,
    HEAD,
    KINDS,
    MANY,
    REOPEN,
    RETURN,
    SAVE,
    SUBMIT,
    World,
)

DRAFT, SUBMITTED, APPROVED = World("draft", 6), World("submitted", 7), World("approved", 8)
AUTO = World("auto_approved", 8)
DRAFT_PLT, SUBMITTED_PLT, AUTO_PLT = (
    World(start.state, start.version, "plt") for start in (DRAFT, SUBMITTED, AUTO)
)
CONFIRMED_PLT = World("draft", 6, "plt", confirmed=True)

Pair = tuple[str, str]

_STARTS: dict[World, tuple[Pair, ...]] = {
    DRAFT: (
        (SAVE, SAVE), (SAVE, SUBMIT), (SUBMIT, SUBMIT), (SUBMIT, APPROVE), (SUBMIT, MANY), (SAVE, HEAD),
        (SUBMIT, HEAD),
    ),
    DRAFT_PLT: ((SAVE, CONFIRM), (SUBMIT, CONFIRM)),
    CONFIRMED_PLT: ((SUBMIT, BEGIN),),
    SUBMITTED: (
        (SAVE, APPROVE), (SAVE, RETURN), (SAVE, MANY), (SUBMIT, RETURN),
        (APPROVE, APPROVE), (APPROVE, RETURN), (APPROVE, MANY), (RETURN, RETURN), (RETURN, MANY), (MANY, MANY),
        (APPROVE, HEAD), (RETURN, HEAD), (MANY, HEAD), (CONFIRM, HEAD), (HEAD, HEAD),
        (APPROVE, BEGIN), (MANY, BEGIN), (RETURN, BEGIN), (APPROVE, REOPEN), (MANY, REOPEN), (RETURN, REOPEN),
    ),
    SUBMITTED_PLT: ((APPROVE, CONFIRM), (RETURN, CONFIRM), (MANY, CONFIRM)),
    APPROVED: ((SAVE, BEGIN), (SAVE, REOPEN), (SUBMIT, REOPEN), (BEGIN, BEGIN), (BEGIN, REOPEN), (REOPEN, REOPEN)),
    AUTO: ((HEAD, BEGIN), (HEAD, REOPEN)),
    AUTO_PLT: ((CONFIRM, CONFIRM), (CONFIRM, BEGIN), (CONFIRM, REOPEN)),
}  # fmt: skip

MATRIX = {pair: start for start, pairs in _STARTS.items() for pair in pairs}
assert set(MATRIX) == set(combinations_with_replacement(KINDS, 2)), "every pair once"
