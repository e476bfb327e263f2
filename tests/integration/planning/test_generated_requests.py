"""Requests with generated arguments for every root field are answered or refused: none is a fault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.generated_requests import requests
from tests.integration.planning.partners import partner_client
from tests.integration.planning.root_fields import REQUESTS, SETUPS
from tests.integration.planning.workflow_versions import SECOND
from tests.small_registry import HEAD_OF_SD, PNS

EXAMPLES = settings().max_examples // 10  # of each root field


@pytest.fixture(scope="module")
async def clients(registry_with_admins: Database, fresh_url: Fresh) -> AsyncIterator[Mapping[str, Client]]:
    """A client of each kind, without a budget; a plan, a migration and a change request."""
    url = await fresh_url("services.planning", import_reference_data)
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("RENCANA_PERSON_COST_PER_MINUTE", "1000000000")
        environ.setenv("RENCANA_PARTNER_COST_PER_MINUTE", "1000000000")
        async with (
            connect_database(url, "services.planning") as database,
            environment_at(registry_with_admins, database) as environment,
        ):
            for scene in ("migrating", "proposed"):
                await SETUPS[scene](environment)
            partner = await partner_client(environment)
            yield {
                "teacher": await environment.sign_in(PNS),
                "head": await environment.sign_in(HEAD_OF_SD),
                "admin": await environment.sign_in(SECOND),
                "partner": partner,
            }


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("coordinate", REQUESTS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
async def test_generated_request_is_no_fault(
    clients: Mapping[str, Client], coordinate: str, data: st.DataObject
) -> None:
    allowed = [name for name in clients if name in REQUESTS[coordinate].allowed_callers]
    name = data.draw(st.sampled_from(allowed or ["teacher"]), label="caller")
    request: dict[str, Any] = data.draw(requests(coordinate), label="request")
    status, answer = await clients[name].post(request)
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert status < 500, answer
    assert "INTERNAL" not in codes, answer
