"""Text that can be stored: PostgreSQL knows no NUL, and UTF-8 no half of a surrogate pair."""

from __future__ import annotations

from typing import Any

from graphql import StringValueNode, ValidationRule

from services.kit.problem import Problem
from services.planning.api.errors import ApiError


def is_storable(text: str) -> bool:
    """Whether the database can take this text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class StorableText(ValidationRule):
    """Refuses other strings in a document; those in variables are looked at with the body (json_body.py)."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one literal."""
        if not is_storable(node.value):
            self.report_error(ApiError("BAD_REQUEST", Problem("request.text"), node=node))
