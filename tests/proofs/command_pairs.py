"""Every pair of commands, with a start from which both, or one after the other, can succeed."""

from __future__ import annotations

from itertools import combinations_with_replacement

from tests.proofs.oracle import (
    APPROVE,
    BEGIN,
    BULK_APPROVE,
    CHANGE_HEAD,
    CONFIRM,
    KINDS,
    REOPEN,
    RETURN,
    SAVE,
    SUBMIT,
    Situation,
)

Pair = tuple[str, str]

DRAFT, SUBMITTED, APPROVED = Situation("draft", 6), Situation("submitted", 7), Situation("approved", 8)
AUTO_APPROVED = Situation("auto_approved", 8)
DRAFT_PLT, SUBMITTED_PLT, AUTO_APPROVED_PLT = (
    Situation(start.state, start.version, "plt") for start in (DRAFT, SUBMITTED, AUTO_APPROVED)
)
CONFIRMED_PLT = Situation("draft", 6, "plt", confirmed=True)

_PAIRS_BY_START: dict[Situation, tuple[Pair, ...]] = {
    DRAFT: (
        (SAVE, SAVE), (SAVE, SUBMIT), (SUBMIT, SUBMIT), (SUBMIT, APPROVE), (SUBMIT, BULK_APPROVE),
        (SAVE, CHANGE_HEAD), (SUBMIT, CHANGE_HEAD),
    ),
    DRAFT_PLT: ((SAVE, CONFIRM), (SUBMIT, CONFIRM)),
    CONFIRMED_PLT: ((SUBMIT, BEGIN),),
    SUBMITTED: (
        (SAVE, APPROVE), (SAVE, RETURN), (SAVE, BULK_APPROVE), (SUBMIT, RETURN),
        (APPROVE, APPROVE), (APPROVE, RETURN), (APPROVE, BULK_APPROVE),
        (RETURN, RETURN), (RETURN, BULK_APPROVE), (BULK_APPROVE, BULK_APPROVE),
        (APPROVE, CHANGE_HEAD), (RETURN, CHANGE_HEAD), (BULK_APPROVE, CHANGE_HEAD),
        (CONFIRM, CHANGE_HEAD), (CHANGE_HEAD, CHANGE_HEAD),
        (APPROVE, BEGIN), (BULK_APPROVE, BEGIN), (RETURN, BEGIN),
        (APPROVE, REOPEN), (BULK_APPROVE, REOPEN), (RETURN, REOPEN),
    ),
    SUBMITTED_PLT: ((APPROVE, CONFIRM), (RETURN, CONFIRM), (BULK_APPROVE, CONFIRM)),
    APPROVED: (
        (SAVE, BEGIN), (SAVE, REOPEN), (SUBMIT, REOPEN), (BEGIN, BEGIN), (BEGIN, REOPEN), (REOPEN, REOPEN),
    ),
    AUTO_APPROVED: ((CHANGE_HEAD, BEGIN), (CHANGE_HEAD, REOPEN)),
    AUTO_APPROVED_PLT: ((CONFIRM, CONFIRM), (CONFIRM, BEGIN), (CONFIRM, REOPEN)),
}  # fmt: skip

START_OF_PAIR = {pair: start for start, pairs in _PAIRS_BY_START.items() for pair in pairs}
assert set(START_OF_PAIR) == set(combinations_with_replacement(KINDS, 2)), "every pair once"
