"""Partners of the platform, registered by an admin over HTTP as in life, and what they ask."""

from __future__ import annotations

from typing import Any

from services.planning.people.identity.credentials import Credentials
from tests.credentials import authorization
from tests.integration.planning.house import House, Person
from tests.small_registry import ADMIN, SECOND

NATIONWIDE = {"nationwide": True}
REASON = {"reason": "Perjanjian contoh."}
STATUSES = """
query Q($keys: [TeacherKey!]!, $period: ID) { answer: planStatuses(keys: $keys, period: $period) {
  ptkId period state { name label phase } satuanPendidikan { npsn nama jenjang zone }
  startedAt submittedAt decidedAt beganAt stateSince
} }
"""


async def registered(house: House, within: object = NATIONWIDE, scope: str = "status:read") -> Credentials:
    """A new client with one scope; a second admin approves one with nationwide reach."""
    wanted = {"name": "Mitra Contoh", "contact": "data@mitra.example", "scopes": [scope], "within": within}
    admin, path = await house.person(ADMIN), "/admin/clients"
    if within == NATIONWIDE:
        request = (await _post(house, admin, path, wanted | REASON))["request"]
        path = f"{path}/requests/{request['id']}"
        await _post(house, await house.person(SECOND), f"{path}/approve", REASON)
        client = await _post(house, admin, f"{path}/execute", {})
    else:
        client = await _post(house, admin, path, wanted)
    return Credentials(client["client_id"], client["client_secret"])


async def _post(house: House, person: Person, path: str, body: object) -> dict[str, Any]:
    async with house.identity.post(path, json=body, headers=person.headers) as response:
        answer = dict(await response.json())
        assert response.status < 300, answer
        return answer


async def partner(house: House, within: object = NATIONWIDE, scope: str = "status:read") -> Person:
    """A new client's way to planning."""
    credentials = await registered(house, within, scope)
    return Person(house.planning, await authorization(house.identity, credentials))


async def statuses(who: Person, *keys: Any, language: str = "id", **given: object) -> list[Any]:
    """What `planStatuses` answers: keys are ptk_ids, or whole keys."""
    whole = [key if isinstance(key, dict) else {"ptkId": str(key)} for key in keys]
    return list((await who.ask(STATUSES, language, keys=whole, **given))["answer"])
