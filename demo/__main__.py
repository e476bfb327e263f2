"""`python -m demo`: every story from the first to the last, exit 0. `--serve`: the same stage for you, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine

import click

from demo.client import Unexpected
from demo.reference import NotImported
from demo.service import Died
from demo.stage import MONDAY
from demo.stories import STORIES
from demo.theatre import passing_folder, staged
from demo.transcript import Transcript
from devtools.postgres import PostgresUnavailable, default_folder

PORTS = (8001, 8000, 8002)
HOW = (
    "Two services and a worker, each a process of its own, on a private PostgreSQL; every answer below came over HTTP "
    "just now. To follow by hand: `make run` in one terminal, `. demo/follow.sh` in another; then paste any line of "
    "`enter` or `ask`. The documents that `ask` sends stand in graphql/operations. First, tables are "
    "created and five schools are imported:"
)


async def tell_all(say: Transcript) -> None:
    """Set the stage in a folder that goes away, and play every story on it."""
    say.heading("Rencana: the teacher's performance plan, told in stories")
    say.tell(HOW)
    with passing_folder() as folder:
        async with staged(folder, say) as stage:
            for story in STORIES:
                await story.tell(stage, say)
    say.heading(f"{len(STORIES)} stories, and every answer was as told.")


async def serve(say: Transcript) -> None:
    """The stage at the usual ports, with data that stay. The clock stands at RENCANA_NOW, else on the first Monday."""
    async with staged(default_folder(), say, ports=PORTS, durable=True) as stage:
        await stage.at(os.environ.get("RENCANA_NOW", MONDAY), "WIB", say)
        identity, planning, _ = (service.url for service in stage.services)
        say.heading(f"Serving: {planning}/graphql and {identity}, until Ctrl-C")
        say.tell("The clock stands there (RENCANA_NOW moves it), so that planning is open. Try it:")
        for line in (". demo/follow.sh", "enter ratna.contoh@guru.sd.belajar.id", "ask web/Viewer"):
            say.request(line)
        say.tell("Without the shell functions, a token and a request are:")
        say.request(
            f"curl -s {identity}/dev/token -H 'content-type: application/json' \\\n"
            '    -d \'{"email": "ratna.contoh@guru.sd.belajar.id"}\'\n'
            f"curl -s {planning}/graphql -H 'authorization: Bearer TOKEN' -H 'content-type: application/json' \\\n"
            '    -d \'{"query": "{ viewer { nama mayPlan { allowed } } }"}\''
        )
        await stage.watch()


async def until_terminated(work: Coroutine[None, None, None]) -> None:
    """Do the work; SIGTERM ends it as Ctrl-C does, with everything stopped in order."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await work


@click.command()
@click.option("--serve", "serving", is_flag=True, help="Serve the demo's schools until Ctrl-C.")
def main(serving: bool) -> None:
    """Walk the stories over real HTTP and print them, or serve. Exit 1: something answered otherwise than told."""
    say = Transcript(sys.stdout)
    try:
        asyncio.run(until_terminated(serve(say) if serving else tell_all(say)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(0 if serving else 130)
    except (Died, NotImported, PostgresUnavailable, Unexpected) as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
