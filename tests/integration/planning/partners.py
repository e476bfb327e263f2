"""Partners of the platform, registered by an admin over HTTP as in life, and what they ask."""

from __future__ import annotations

from typing import Any

from services.planning.people.identity.credentials import Credentials
from tests.credentials import authorization
from tests.integration.planning.house import House, Person
from tests.small_registry import ADMIN

NATIONWIDE = {"nationwide": True}
STATUSES = """
query Q($keys: [TeacherKey!]!, $period: ID) { answer: planStatuses(keys: $keys, period: $period) {
  ptkId period state { name label phase } satuanPendidikan { npsn nama jenjang zone }
  startedAt submittedAt decidedAt beganAt stateSince
} }
"""


async def registered(house: House, within: object = NATIONWIDE, scope: str = "status:read") -> Credentials:
    """A new client with one scope."""
    wanted = {"name": "Mitra Contoh", "contact": "data@mitra.example", "scopes": [scope], "within": within}
    admin = await house.person(ADMIN)
    async with house.identity.post("/admin/clients", json=wanted, headers=admin.headers) as response:
        told = await response.json()
        assert response.status == 201, told
    return Credentials(told["client_id"], told["client_secret"])


async def partner(house: House, within: object = NATIONWIDE, scope: str = "status:read") -> Person:
    """A new client's way to planning."""
    credentials = await registered(house, within, scope)
    return Person(house.planning, await authorization(house.identity, credentials))


async def statuses(who: Person, *keys: Any, language: str = "id", **given: object) -> list[Any]:
    """What `planStatuses` answers: keys are ptk_ids, or whole keys."""
    whole = [key if isinstance(key, dict) else {"ptkId": str(key)} for key in keys]
    return list((await who.ask(STATUSES, language, keys=whole, **given))["answer"])
