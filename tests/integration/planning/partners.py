"""Partners of the platform, registered by an admin over HTTP as in life, and what they ask."""

from __future__ import annotations

from typing import Any

from services.planning.people.identity.credentials import Credentials
from tests.credentials import authorization
from tests.integration.planning.environment import Client, Environment
from tests.small_registry import ADMIN, SECOND

NATIONWIDE = {"nationwide": True}
REASON = {"reason": "Perjanjian contoh."}
STATUSES = """
query Q($keys: [TeacherKey!]!, $period: ID) { answer: planStatuses(keys: $keys, period: $period) {
  ptkId period { code } state { name label phase } satuanPendidikan { npsn nama jenjang zone }
  startedAt submittedAt decidedAt implementationStartedAt stateSince
} }
"""


async def register_partner(
    environment: Environment, within: object = NATIONWIDE, scope: str = "status:read"
) -> Credentials:
    """A new client with one scope; a second admin approves one with nationwide reach."""
    registration = {
        "name": "Mitra Contoh",
        "contact": "data@mitra.example",
        "scopes": [scope],
        "within": within,
    }
    admin, path = await environment.sign_in(ADMIN), "/admin/clients"
    if within == NATIONWIDE:
        request = (await _post(environment, admin, path, registration | REASON))["request"]
        path = f"{path}/requests/{request['id']}"
        await _post(environment, await environment.sign_in(SECOND), f"{path}/approve", REASON)
        client = await _post(environment, admin, f"{path}/execute", {})
    else:
        client = await _post(environment, admin, path, registration)
    return Credentials(client["client_id"], client["client_secret"])


async def _post(environment: Environment, person: Client, path: str, body: object) -> dict[str, Any]:
    async with environment.identity.post(path, json=body, headers=person.headers) as response:
        answer = dict(await response.json())
        assert response.status < 300, answer
        return answer


async def partner_client(
    environment: Environment, within: object = NATIONWIDE, scope: str = "status:read"
) -> Client:
    """A new client's way to planning."""
    credentials = await register_partner(environment, within, scope)
    return Client(environment.planning, await authorization(environment.identity, credentials))


async def load_statuses(client: Client, *keys: Any, language: str = "id", **variables: object) -> list[Any]:
    """What `planStatuses` answers: keys are ptk_ids, or whole keys."""
    whole = [key if isinstance(key, dict) else {"ptkId": str(key)} for key in keys]
    return list((await client.execute(STATUSES, language, keys=whole, **variables))["answer"])
