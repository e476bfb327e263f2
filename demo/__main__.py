"""`python -m demo`: run every scenario; exit 0 if all succeed. `--serve`: run the services until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine

import click

from demo.client import UnexpectedResponse
from demo.imports import CommandFailed
from demo.scenarios import SCENARIOS
from demo.services import MONDAY, ScenarioContext, run_services, temporary_folder
from demo.transcript import Transcript
from devtools.postgres import PostgresUnavailable, default_folder
from devtools.service_process import ProcessDied

PORTS = (8001, 8000, 8002)
INTRODUCTION = (
    "Two services and a worker run as processes on a private PostgreSQL. Every answer below is a real response over "
    "HTTP. To send requests yourself: `make run` in one terminal, `. demo/shell.sh` in another, then paste any line "
    "that begins with `sign_in` or `send`. The documents that `send` sends are in graphql/operations. First, `rencana` "
    "creates the tables and imports five schools:"
)


async def run_scenarios(transcript: Transcript) -> None:
    """Run every scenario on services whose data are deleted afterwards."""
    transcript.heading("Rencana: teachers' performance plans, in scenarios")
    transcript.narrate(INTRODUCTION)
    with temporary_folder() as folder:
        async with run_services(folder, transcript) as services:
            for scenario in SCENARIOS:
                await scenario.run(ScenarioContext(services, transcript))
    transcript.heading(f"{len(SCENARIOS)} scenarios succeeded.")


async def serve(transcript: Transcript) -> None:
    """Run the services at their usual ports until Ctrl-C, and keep the data.

    Their clock is fixed at RENCANA_NOW, by default at MONDAY.
    """
    async with run_services(default_folder(), transcript, ports=PORTS, durable=True) as services:
        await ScenarioContext(services, transcript).set_clock(os.environ.get("RENCANA_NOW", MONDAY), "WIB")
        identity, planning, _ = (process.url for process in services.processes)
        transcript.heading(f"Serving {planning}/graphql and {identity} until Ctrl-C")
        transcript.narrate(
            "The clock is fixed at this instant, when planning is open. RENCANA_NOW sets another one. In a browser, "
            f"{planning}/graphql shows GraphiQL, where one click signs you in. Or in a shell:"
        )
        for line in (". demo/shell.sh", "sign_in ratna.contoh@guru.sd.belajar.id", "send web/Viewer"):
            transcript.request(line)
        transcript.narrate("Without the shell functions:")
        transcript.request(
            f"curl -s {identity}/dev/token -H 'content-type: application/json' \\\n"
            '    -d \'{"email": "ratna.contoh@guru.sd.belajar.id"}\'\n'
            f"curl -s {planning}/graphql -H 'authorization: Bearer TOKEN' -H 'content-type: application/json' \\\n"
            '    -d \'{"query": "{ viewer { nama planningEligibility { isAllowed } } }"}\''
        )
        await services.wait_for_exit()


async def cancel_on_sigterm(work: Coroutine[None, None, None]) -> None:
    """Run the coroutine; SIGTERM cancels it as Ctrl-C does, so that every process is stopped in order."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await work


@click.command()
@click.option("--serve", "serving", is_flag=True, help="Run the services with the demo's data until Ctrl-C.")
def main(serving: bool) -> None:
    """Run every scenario over real HTTP and print it. Exits with 1 if a response is not the expected one."""
    transcript = Transcript(sys.stdout)
    try:
        asyncio.run(cancel_on_sigterm(serve(transcript) if serving else run_scenarios(transcript)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(0 if serving else 130)
    except (ProcessDied, CommandFailed, PostgresUnavailable, UnexpectedResponse) as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
