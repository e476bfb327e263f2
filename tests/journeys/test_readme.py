"""The request of the README gets the answer that the README shows."""

from __future__ import annotations

import json
import re

import pytest

from demo.imports import CHECKOUT
from demo.request import parse_arguments, request_body
from demo.services import MONDAY
from tests.journeys.conftest import ScenarioRunner

pytestmark = pytest.mark.timeout(300)

README = (CHECKOUT / "README.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"\$ sign_in (?P<email>\S+)\n.*\n\$ ANSWER_LANGUAGE=(?P<language>\w+)\n"
    r"\$ send (?P<request>.*)\n(?P<answer>\{\n(?:.*\n)*?\}\n)"
)


async def test_readme_shows_the_real_answer(runner: ScenarioRunner) -> None:
    example = EXAMPLE.search(README)
    assert example
    operation, *words = example["request"].split()
    services, client = runner.services, runner.services.client

    await services.restart_at(MONDAY)
    headers = {
        "authorization": f"Bearer {await client.sign_in(example['email'])}",
        "accept-language": example["language"],
    }
    body = request_body(operation, parse_arguments(words))
    async with client.session.post(f"{client.planning}/graphql", json=body, headers=headers) as response:
        text = json.dumps(await response.json(content_type=None), indent=4, ensure_ascii=False)

    assert text + "\n" == example["answer"]
