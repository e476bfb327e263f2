"""The scenarios of the demo, on real processes over real HTTP. Each asserts its answers itself."""

from __future__ import annotations

import pytest

from demo.scenarios import SCENARIOS, Scenario
from devtools.client_documents import load_documents
from tests.journeys.conftest import ScenarioRunner

pytestmark = pytest.mark.timeout(300)  # the first test imports the data; a new clock restarts the services


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
async def test_scenario_succeeds(scenario: Scenario, runner: ScenarioRunner) -> None:
    transcript = await runner.run(scenario)

    assert f". {scenario.title} ━" in transcript
    assert "\033[" not in transcript, "colours are for terminals"


async def test_scenarios_send_every_document_of_the_clients(runner: ScenarioRunner) -> None:
    for scenario in SCENARIOS:
        await runner.run(scenario)

    documents = {f"{document.client}/{document.name}" for document in load_documents()}
    assert runner.services.client.sent_operations == documents


async def test_imports_refuse_nothing(runner: ScenarioRunner) -> None:
    reports = [line for line in runner.import_report.splitlines() if "refused" in line]
    assert len(reports) == 8, "zones, five schools, accounts, tugas tambahan"
    assert all(line.endswith(" 0 refused") for line in reports)
