"""A reader of the page for workflow admins, who runs its commands in their order."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

from click.testing import CliRunner

from demo import people
from demo.client import Json
from demo.request import parse_arguments, request_body
from demo.scenarios.steps import wait_for_worker
from demo.services import RunningServices, ScenarioContext
from demo.session import Session
from demo.transcript import Transcript
from services.cli import rencana
from tests.journeys.pages import ELISION, Command, find_differences

REASON = "Contoh."


async def send(
    services: RunningServices, operation: str, words: list[str], token: str, language: str
) -> Json:
    """Send a document as `send` of demo/shell.sh does."""
    client, body = services.client, request_body(operation, parse_arguments(words))
    headers = {"authorization": f"Bearer {token}", "accept-language": language}
    async with client.session.post(f"{client.planning}/graphql", json=body, headers=headers) as response:
        answer: Json = await response.json(content_type=None)
    return answer


@dataclass
class Reader:
    """Runs commands. `variables` are those of the shell, and outputs of commands such as `cat draft.yaml`."""

    services: RunningServices
    variables: dict[str, str] = field(default_factory=dict)
    ids: dict[str, None] = field(default_factory=dict)  # those in answers
    faults: list[str] = field(default_factory=list)

    @property
    def context(self) -> ScenarioContext:
        return ScenarioContext(self.services, Transcript(io.StringIO()))

    async def run(self, command: Command) -> None:
        """Run a command, and compare its answer with the page."""
        match [self._expand(word) for word in command.words]:
            case ["sign_in", email]:
                self.variables["TOKEN"] = await self.services.client.sign_in(email)
            case ["send", operation, *words]:
                await self._send(operation, words, command.output)
            case ["rencana", "api" | "workflow", *_] as words:
                await self._run_rencana(words[1:], command.output)
            case [".", "demo/shell.sh"] | ["rencana" | "echo", *_]:
                pass  # commands of operators
            case assignments:
                self.variables |= dict(word.split("=", 1) for word in assignments)

    def _expand(self, word: str) -> str:
        """Replace a variable, and complete an id that the page shortens."""
        name, separator, value = word.partition("=")
        if value == ELISION:
            value = self.variables[name]
        elif value.startswith("$"):
            value = self.variables[value[1:]]
        elif value.endswith(ELISION):
            (value,) = (id for id in self.ids if id.startswith(value.removesuffix(ELISION)))
        return f"{name}{separator}{value}"

    async def _send(self, operation: str, words: list[str], expected_output: str) -> None:
        token, language = self.variables["TOKEN"], self.variables["ANSWER_LANGUAGE"]

        async def ask() -> Json:
            return await send(self.services, operation, words, token, language)

        if operation in ("admin/DryRun", "admin/PlanMigration"):
            part = "progress" if operation == "admin/DryRun" else "forward"
            await self._wait_for_end(ask, "rollback" if "direction=ROLLBACK" in words else part)
        answer = await ask()
        text = json.dumps(answer, indent=4, ensure_ascii=False)
        self.ids |= dict.fromkeys(re.findall(r'"id": "(\S+)"', text))
        match answer.get("data"):
            case {"proposeWorkflowVersion": {"workflowVersion": {"id": id, "basedOn": {"id": based_on}}}}:
                self.variables |= {"NEW": id, "OLD": based_on}
            case {"startDryRun": {"dryRun": {"id": id}}}:
                self.variables["DRY_RUN"] = id
        differences = (
            list(find_differences(expected_output, answer.get("data") or answer)) if expected_output else []
        )
        if not expected_output and ("errors" in answer or '"problems": [' in text):
            differences = [text]
        self.faults += [f"{operation} {difference}" for difference in differences]

    async def _wait_for_end(self, ask: Any, part: str) -> None:
        async def has_ended() -> bool:
            (work,) = (await ask())["data"].values()
            return work[part] is not None and work[part]["endedAt"] is not None

        await wait_for_worker(has_ended, "ended the work")

    async def _run_rencana(self, words: list[str], expected_output: str) -> None:
        environment = {
            "RENCANA_PLANNING_URL": self.services.client.planning,
            "RENCANA_IDENTITY_URL": self.services.client.identity,
            "RENCANA_TOKEN": self.variables.get("TOKEN", ""),
        }
        result = await asyncio.to_thread(CliRunner().invoke, rencana, words, env=environment)
        if not re.fullmatch(re.escape(expected_output).replace(ELISION, ".*"), result.output, re.DOTALL):
            self.faults.append(f"rencana {' '.join(words)} printed\n{result.output}")

    async def sign_in(self, person: people.Person, app: str = "admin") -> Session:
        return await self.context.sign_in(person, app)

    async def revise(self, name: str, value: Json) -> None:
        """Change a value of the period, by two admins."""
        laras, teguh = await self.sign_in(people.LARAS), await self.sign_in(people.TEGUH)
        values = [{"name": name, "value": value}]
        proposal = await laras.command("ProposePeriodRevision", period="2024-1", values=values, reason=REASON)
        await teguh.command("ApproveChangeRequest", changeRequestId=proposal["id"], reason=REASON)

    async def approve_version(self, yaml: str) -> Json:
        """Propose and approve a version of the workflow, by two admins."""
        laras, teguh = await self.sign_in(people.LARAS), await self.sign_in(people.TEGUH)
        version = await laras.command("ProposeWorkflowVersion", yaml=yaml, reason=REASON)
        return await teguh.command("ApproveWorkflowVersion", workflowVersionId=version["id"], reason=REASON)

    async def publish(self, id: str) -> None:
        """Publish an approved version."""
        teguh = await self.sign_in(people.TEGUH)
        await teguh.command("PublishWorkflowVersion", workflowVersionId=id, reason=REASON)

    async def approve_plan(self, person: people.Person, plan: Json) -> Json:
        """Let a head approve a plan."""
        return await (await self.sign_in(person, "web")).plan_command("ApprovePlan", plan)
