"""Both services and the worker as processes, shared by all tests of the scenarios."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest

from demo.scenarios import Scenario
from demo.services import RunningServices, ScenarioContext, run_services, temporary_folder
from demo.transcript import Transcript


class ScenarioRunner:
    """Runs each scenario once and keeps its transcript. `import_report` is the transcript of the imports."""

    def __init__(self, services: RunningServices, import_report: str) -> None:
        self.services, self.import_report = services, import_report
        self._transcripts: dict[str, str] = {}

    async def run(self, scenario: Scenario) -> str:
        """Run the scenario unless it has run. Returns its transcript."""
        if scenario.title not in self._transcripts:
            out = io.StringIO()
            await scenario.run(ScenarioContext(self.services, Transcript(out)))
            self._transcripts[scenario.title] = out.getvalue()
        return self._transcripts[scenario.title]


@pytest.fixture(scope="session")
async def runner() -> AsyncIterator[ScenarioRunner]:
    import_report = io.StringIO()
    with temporary_folder() as folder:
        async with run_services(folder, Transcript(import_report)) as services:
            yield ScenarioRunner(services, import_report.getvalue())
