"""The confirmation of a Plt: one fact per school and period, by the Plt of that school, from its date on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.planning.composing import SUB_INDIKATOR, decided, submitted
from tests.integration.planning.house import House, Person, house_at
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_TK, PLT_OF_TK, PNS, SD, TK

# The TK stands in WITA: its 16 February begins at 16.00 UTC the day before.
LAST_MINUTE_BEFORE = datetime(2024, 2, 15, 15, 59, tzinfo=UTC)
FIRST_MINUTE = datetime(2024, 2, 15, 16, 0, tzinfo=UTC)
CONFIRM = """mutation M($input: ConfirmAsPltInput!) { answer: confirmAsPlt(input: $input) { __typename
  ... on PltConfirmation { npsn period confirmedAt replayed }
  ... on Refused { problems { code message path } }
} }"""


async def confirms(person: Person, npsn: str, language: str = "id") -> dict[str, Any]:
    answer: dict[str, Any] = (await person.ask(CONFIRM, language, input={"npsn": npsn}))["answer"]
    return answer
