"""The requests of the page for partners get the answers that it shows."""

from __future__ import annotations

import json
import re
import shlex

import aiohttp

from demo.request import parse_arguments, request_body
from tests.composed import ROOT
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment
from tests.integration.planning.partners import partner_client, register_partner
from tests.integration.planning.plans import submit_plan
from tests.journeys.pages import find_differences
from tests.small_registry import PNS

PAGE = (ROOT / "docs" / "partners.md").read_text("utf-8")
TOKEN_REQUESTS = re.findall(r"^\$ curl -s \$IDENTITY/token (.*)\n(\{.*\})$", PAGE, re.MULTILINE)
AT = "2024-01-15T02:00:00+00:00"


async def test_page_for_partners_shows_a_request_and_the_shape_of_its_answer(
    environment: Environment,
) -> None:
    example = re.search(r"graphql .* -d '(\{.*?\})'\n(\{.*?\n\})\n", PAGE, re.DOTALL)
    assert example
    body, shown = example[1], json.loads(example[2])
    await submit_plan(environment, PNS)
    key = '{"nip": "198502032010012902"}'  # of the demo
    assert key in body
    body = body.replace(key, json.dumps({"ptkId": str(ptk(PNS))}))

    status, answer = await (await partner_client(environment)).post(body.encode())

    assert status == 200, answer
    entry, *others = answer["data"]["planStatuses"]
    expected, *_ = shown["data"]["planStatuses"]
    times = {"ptkId": entry["ptkId"], "submittedAt": AT}
    assert entry == expected | times
    assert (others, list(answer["extensions"]["cost"])) == ([None, None], list(shown["extensions"]["cost"]))
    assert answer["extensions"]["cost"]["requested"] == shown["extensions"]["cost"]["requested"]


async def test_token_requests_get_the_answers_shown(environment: Environment) -> None:
    credentials = await register_partner(environment)
    assert len(TOKEN_REQUESTS) == 2
    for arguments, expected in TOKEN_REQUESTS:
        words = shlex.split(
            arguments.replace("$CLIENT_ID", credentials.client_id).replace(
                "$CLIENT_SECRET", credentials.secret
            )
        )
        options = list(zip(words[::2], words[1::2], strict=True))
        client_id, _, secret = dict(options)["-u"].partition(":")
        form = dict(value.split("=") for name, value in options if name == "-d")
        headers = dict(value.split(": ") for name, value in options if name == "-H")
        headers["authorization"] = aiohttp.encode_basic_auth(client_id, secret)
        async with environment.identity.post("/token", data=form, headers=headers) as response:
            answer = await response.json()
        assert list(find_differences(expected.strip("{}"), answer)) == []


async def test_request_for_schools_gets_the_answer_shown(environment: Environment) -> None:
    example = re.search(
        r"^\$ send (partner/Schools .*)\n(\"schools\": \{\n(?:.*\n)*?\})\n", PAGE, re.MULTILINE
    )
    assert example
    await submit_plan(environment, PNS)
    operation, *words = shlex.split(example[1])

    _, answer = await (await partner_client(environment)).post(
        request_body(operation, parse_arguments(words))
    )

    expected = json.loads(f"{{{example[2]}}}")["schools"]
    (edge,), (expected_edge,) = answer["data"]["schools"]["edges"], expected["edges"]
    assert answer["data"]["schools"].keys() == expected.keys()
    assert (edge.keys(), edge["node"].keys()) == (expected_edge.keys(), expected_edge["node"].keys())
    counts = ("planCount", "waitingPlanCount")
    assert [edge[name] for name in counts] == [expected_edge[name] for name in counts]
