"""`python -m demo`: every story from the first to the last, exit 0. `--serve`: the same stage for you, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import click

from demo.client import Unexpected
from demo.reference import NotImported
from demo.service import Died
from demo.stage import MONDAY, staged
from demo.stories import STORIES
from demo.transcript import Transcript
from services.kit.postgres import default_folder

PORTS = (8001, 8000)
FOLLOW = "To follow by hand: `make run` in another terminal, then `. demo/follow.sh`, and paste any line of enter or ask."


async def tell_all(say: Transcript) -> None:
    """Set the stage in a folder that goes away, and play every story on it."""
    with tempfile.TemporaryDirectory(prefix="rencana-demo-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as somebody else, who must get through
        say.heading("Rencana: the teacher's performance plan, told in stories")
        say.tell("Four synthetic schools, imported as an operator would. " + FOLLOW)
        async with staged(Path(folder), say) as stage:
            for number, story in enumerate(STORIES, 1):
                say.title(number, story.title, story.gist)
                await story.play(stage, say)
    say.heading(f"{len(STORIES)} stories, every one of them as told.")


async def serve(say: Transcript) -> None:
    """The stage at the usual ports, with data that stay. The clock stands at RENCANA_NOW, else on the first Monday."""
    async with staged(default_folder(), say, ports=PORTS, durable=True) as stage:
        await stage.at(os.environ.get("RENCANA_NOW", MONDAY), "WIB", say)
        identity, planning = (service.url for service in stage.services)
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
        await stage.until_one_ends()


@click.command()
@click.option("--serve", "serving", is_flag=True, help="Serve the demo's schools until Ctrl-C.")
def main(serving: bool) -> None:
    """Walk the stories over real HTTP and print them, or serve. Exit 1: something answered otherwise than told."""
    say = Transcript(sys.stdout)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # stopped by either, everything is stopped in order
    try:
        asyncio.run(serve(say) if serving else tell_all(say))
    except KeyboardInterrupt:
        sys.exit(0 if serving else 130)
    except (Died, NotImported, Unexpected) as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
