"""The answer to a request that the database does not let end."""

from __future__ import annotations

from contextvars import Context

import pytest

from services.kit.measurement import start_request
from services.planning.api.errors import describe_outage


@pytest.mark.parametrize(
    ("may_have_written", "code"), [(False, "database.unavailable"), (True, "database.outcome_unknown")]
)
def test_answer_after_a_write_does_not_claim_that_nothing_changed(may_have_written: bool, code: str) -> None:
    def describe() -> str:
        start_request().may_have_written = may_have_written
        return describe_outage().code

    assert Context().run(describe) == code
