"""Scalars with a meaning of their own."""

from __future__ import annotations

from typing import NewType

import strawberry

WarningCode = NewType("WarningCode", str)
WARNING_CODE = strawberry.scalar(
    name="WarningCode",
    description="The code of a warning, as an `UnacknowledgedWarning` carries it.",
    serialize=str,
    parse_value=str,
)
