"""Query of the signed-in user, as tests of access and banners send it."""

from __future__ import annotations

from typing import Any

from tests.integration.planning.environment import Environment

VIEWER = """query Q { viewer {
  nama ptkId roles { role satuanPendidikan { npsn } } banners { code message } plan { id version }
  satuanPendidikan { npsn nama jenjang zone } period { code label minimumPoints }
  planningEligibility { isAllowed isObliged refusals { code message whoCanFix } }
  phone: deviceAdvice(device: PHONE) { code message } computer: deviceAdvice(device: COMPUTER) { code }
} }"""


async def load_viewer(environment: Environment, user: int | str) -> dict[str, Any]:
    """Query the person, the access and the banners of a user."""
    return dict((await (await environment.sign_in(user)).execute(VIEWER))["viewer"])
