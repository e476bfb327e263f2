"""The check of schemathesis: no answer is a fault. Runs in the virtual environment of the tools, not in ours.

Schemathesis' own check takes each entry of `errors` for a fault, but a refused query is one too.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from hypothesis_graphql import nodes

FAULTS = {"INTERNAL", "UNAVAILABLE"}
DAYS = st.dates(min_value=date(1900, 1, 1))
SCALARS = {
    "Date": DAYS.map(str),
    "DateTime": DAYS.map(lambda day: f"{day}T02:00:00Z"),
    "Duration": st.integers(0, 999).map(lambda hours: f"PT{hours}H"),
    "NPSN": st.sampled_from(["99000001", "99000005", "12345678"]),
    "NIP": st.sampled_from(["198809092014032906", "199001012015011001"]),
    "NUPTK": st.sampled_from(["9999999999999906", "1234567890123456"]),
    "WarningCode": st.sampled_from(["points.below_minimum", "x"]),
}
for name, strategy in SCALARS.items():
    schemathesis.graphql.scalar(name, strategy.map(nodes.String))


@schemathesis.check  # type: ignore[untyped-decorator]
def no_fault(ctx: Any, response: Any, case: Any) -> None:
    """Fail for a fault, and for an error without a code; note the codes of the answer."""
    answer = json.loads(response.content)
    codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", ())] or ["data"]
    with Path(os.environ["FUZZING_CODES"]).open("a") as file:
        file.write("".join(f"{code}\n" for code in codes))
    assert response.status_code < 500, response.content
    assert not FAULTS & set(codes), response.content
    assert None not in codes, response.content
