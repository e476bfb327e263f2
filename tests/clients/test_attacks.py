"""Every attack is refused with a clear error, soon, and without memory that stays."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from demo import people
from tests.clients.attacks import Attack, list_attacks
from tests.clients.conftest import Report
from tests.clients.services import Services

pytestmark = pytest.mark.timeout(300)
ATTACKS = {attack.name: attack for attack in list_attacks()}
SECONDS = 2  # for one refusal, on a loaded machine
MEGABYTES = 40  # that all attacks may leave, each sent REPEATS times
REPEATS = 10
DURATIONS: list[float] = []


async def send(attack: Attack, services: Services, token: str | None) -> tuple[int, dict[str, Any], float]:
    """Send an attack. Returns the status, the answer and the seconds that it took."""
    headers = attack.headers | ({"authorization": f"Bearer {token}"} if token else {})
    url = services.url + ("?" + attack.query_string if attack.query_string else "")
    start = time.perf_counter()
    async with (
        aiohttp.ClientSession() as session,
        session.request(attack.method, url, data=attack.body, headers=headers) as response,
    ):
        answer = await response.json(content_type=None)
    return response.status, answer, time.perf_counter() - start


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_attack_is_refused_at_once(attack: Attack, services: Services) -> None:
    token = await services.sign_in(people.SEKAR)
    status, answer, seconds = await send(attack, services, token)
    DURATIONS.append(seconds)
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert status < 500, answer
    assert codes <= attack.refusals, answer
    assert bool(codes) == bool(attack.refusals), answer
    assert "Did you mean" not in str(answer)
    assert "Traceback" not in str(answer)
    assert seconds < SECONDS


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_attack_without_a_token_is_refused(attack: Attack, services: Services) -> None:
    status, answer, seconds = await send(attack, services, None)
    DURATIONS.append(seconds)
    assert 400 <= status < 500, answer
    assert answer["errors"]
    assert "data" not in answer
    assert seconds < SECONDS


async def test_attacks_leave_no_memory(services: Services, report: Report) -> None:
    process = services.running.processes[1].process
    assert process
    token = await services.sign_in(people.SEKAR)
    before = read_resident_megabytes(process.pid)
    for _ in range(REPEATS):
        for attack in ATTACKS.values():
            await send(attack, services, token)
    growth = read_resident_megabytes(process.pid) - before
    assert growth < MEGABYTES
    report(
        f"attacks: {len(ATTACKS)} refused, each with and without a token; the slowest took "
        f"{max(DURATIONS) * 1_000:.0f} ms; {REPEATS} times all of them left {growth:.0f} MB"
    )


def read_resident_megabytes(pid: int) -> float:
    """Return the memory of a process."""
    (line,) = (
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024
