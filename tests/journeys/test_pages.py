"""The requests of README and of the page for workflow admins get the answers that the pages show."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from demo import people
from demo.correction import correction_workflow
from demo.imports import CHECKOUT
from demo.scenarios.steps import import_file, submit_plan, wait_for_worker
from demo.services import MONDAY, RunningServices, run_services, temporary_folder
from demo.transcript import Transcript
from tests.integration.planning.timers import definition_with_expiry
from tests.journeys.page_reader import Reader, send
from tests.journeys.pages import Command, find_commands, find_differences
from workflows.files.loader import read_shipped

pytestmark = pytest.mark.timeout(300)

README = (CHECKOUT / "README.md").read_text("utf-8")
EXAMPLE = re.compile(
    r"\$ sign_in (?P<email>\S+)\n.*\n\$ ANSWER_LANGUAGE=(?P<language>\w+)\n"
    r"\$ send (?P<request>.*)\n(?P<answer>\{\n(?:.*\n)*?\}\n)"
)
ADMIN_PAGE = (CHECKOUT / "docs" / "workflow-admins.md").read_text("utf-8")
SUNDAY = "2024-01-21T02:00:00Z"  # six days after MONDAY
DRAFT = "head_is: {kind: plt}}, {not: head_is_owner}", "not: {head_is: {kind: kosong}}}, {not: head_is_owner}"
MINIMUM_RHK = """params:
  minimum_rhk:
    type: int
    minimum: 1
    maximum: 5
    label: {id: Jumlah RHK paling sedikit, en: Fewest RHK}
"""


@pytest.fixture(scope="module")
async def services() -> AsyncIterator[RunningServices]:
    with temporary_folder() as folder:
        async with run_services(folder, Transcript(io.StringIO())) as services:
            yield services


async def test_readme_shows_the_real_answer(services: RunningServices) -> None:
    example = EXAMPLE.search(README)
    assert example
    operation, *words = example["request"].split()

    await services.restart_at(MONDAY)
    token = await services.client.sign_in(example["email"])
    answer = await send(services, operation, words, token, example["language"])

    assert json.dumps(answer, indent=4, ensure_ascii=False) + "\n" == example["answer"]


async def test_page_for_admins_shows_the_real_answers(
    services: RunningServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workflows").symlink_to(CHECKOUT / "workflows")
    (tmp_path / "draft.yaml").write_text(read_shipped().decode().replace(*DRAFT))
    monkeypatch.chdir(tmp_path)
    reader = Reader(services)
    reader.variables |= {
        "cat_draft.yaml": (tmp_path / "draft.yaml").read_text(),
        ".venv/bin/python_-m_demo.correction": correction_workflow(),
    }
    sections = [
        (heading, commands)
        for heading, commands in find_commands(ADMIN_PAGE)
        if any(command.words[0] == "send" for command in commands)
    ]
    assert [heading for heading, _ in sections] == list(SETUPS)
    for heading, commands in sections:
        await SETUPS[heading](reader)
        await reader.run(
            Command(["sign_in", people.LARAS.email], "")
        )  # the clock may have ended the former token
        for command in commands:
            await reader.run(command)
        assert not reader.faults, "\n".join([heading, *reader.faults])


async def open_the_period(reader: Reader) -> None:
    await reader.services.restart_at(MONDAY)


async def do_nothing(_: Reader) -> None:
    pass


async def approve_plan_of_frans(reader: Reader) -> None:
    await reader.revise("approve_automatically", {"bool": False})
    plan = await submit_plan(reader.context, people.FRANS)
    reader.variables["PLAN"] = (await reader.approve_plan(people.WELMINA, plan))["id"]


async def move_dewi(reader: Reader) -> None:
    frans = await reader.sign_in(people.FRANS, "web")
    plan = await frans.plan_command("SubmitPlan", await frans.query("Plan", id=reader.variables["PLAN"]))
    await reader.approve_plan(people.WELMINA, plan)
    reader.variables["PLAN"] = (await submit_plan(reader.context, people.DEWI))["id"]
    await import_file(reader.context, "dapodik", "99000001-sd.json")
    head = await reader.sign_in(people.NORHAYATI, "mobile")

    async def is_moved() -> bool:
        queue = await head.poll("ReviewQueue", filter={"name": "dewi"})
        return any(edge["node"]["currentSatuanPendidikan"] for edge in queue["edges"])

    await wait_for_worker(is_moved, "recorded the new school")


async def let_a_timer_fail(reader: Reader) -> None:
    version = await reader.approve_version(definition_with_expiry("{head_is: {kind: kosong}}"))
    reader.variables["SHIPPED"] = version["basedOn"]["id"]
    await reader.publish(version["id"])
    await submit_plan(reader.context, people.RATNA)
    await reader.services.restart_at(SUNDAY)
    laras = await reader.sign_in(people.LARAS)

    async def has_failed() -> bool:
        return bool((await laras.poll("TimerIncidents"))["edges"])

    await wait_for_worker(has_failed, "fired the timer")


async def publish_the_shipped_version(reader: Reader) -> None:
    await reader.publish(reader.variables["SHIPPED"])


async def approve_version_with_a_new_value(reader: Reader) -> None:
    yaml = read_shipped().decode().replace("params:\n", MINIMUM_RHK)
    reader.variables["DRAFT"] = reader.variables["NEW"]
    reader.variables["NEW"] = (await reader.approve_version(yaml))["id"]


async def correct_plan_of_frans(reader: Reader) -> None:
    frans, welmina = [await reader.sign_in(person, "web") for person in (people.FRANS, people.WELMINA)]
    plan = (await frans.query("Viewer"))["plan"]
    reason = "Indikator keliru dipilih."
    plan = await frans.plan_command("FirePlanTransition", plan, trigger="requestCorrection", reason=reason)
    plan = await welmina.plan_command("FirePlanTransition", plan, trigger="grantCorrection")
    plan = await frans.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await frans.plan_command("SubmitPlan", plan)
    plan = await welmina.plan_command("ApprovePlan", plan)
    history = (await frans.poll("PlanHistory", "en", id=plan["id"], first=6))["history"]["edges"]
    shown = re.findall(r"^> (.*)$", ADMIN_PAGE, re.MULTILINE)[-6:]
    for sentence, edge in zip(shown, history, strict=True):
        if sentence != edge["node"]["sentence"]:
            reader.faults.append(f"history: {edge['node']['sentence']}")


async def try_the_draft(reader: Reader) -> None:
    laras = await reader.sign_in(people.LARAS)
    dry_run = await laras.command("StartDryRun", workflowVersionId=reader.variables["DRAFT"], period="2024-1")
    reader.variables["DRY_RUN"] = dry_run["id"]


# What happened before each section, beside the commands of the page.
SETUPS: Mapping[str, Callable[[Reader], Awaitable[None]]] = {
    "Changing a date or a switch": open_the_period,
    "Example: a decree during the period, with 10,000 living plans": do_nothing,
    "An approved plan that has to be corrected": approve_plan_of_frans,
    "A teacher who moved school": move_dewi,
    "When a timer fails": let_a_timer_fail,
    "Changing the workflow": publish_the_shipped_version,
    "A value that only the new version needs": approve_version_with_a_new_value,
    "Moving living plans to another version": publish_the_shipped_version,
    "A rollback": correct_plan_of_frans,
    "Rules of a migration": do_nothing,
    "Dry runs": try_the_draft,
}


@pytest.mark.parametrize(
    ("shown", "differences"),
    [
        ('"a": {"id": "x…", "b": [1, …], …}', 0),
        ('"a": {"id": "xyz", "b": [1, 2], "c": null}', 0),
        ('"a": {"id": "y…", …}', 1),
        ('"a": {"id": "xyz"}', 1),
        ('"a": {"b": [1], …}', 1),
        ('"a": {"b": [2, …], "c": 0, …}', 2),
    ],
)
def test_shortened_answer_is_compared_with_the_whole_one(shown: str, differences: int) -> None:
    answer = {"a": {"id": "xyz", "b": [1, 2], "c": None}}
    assert len(list(find_differences(shown, answer))) == differences
