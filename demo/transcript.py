"""The printed text of the demo, in colour on a terminal."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from demo.people import Person

WIDTH = 104
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni")  # the semester of the scenarios
ZONES = {"WIB": ZoneInfo("Asia/Jakarta"), "WITA": ZoneInfo("Asia/Makassar"), "WIT": ZoneInfo("Asia/Jayapura")}

BOLD, DIM, BLUE, GREEN, YELLOW = "1", "2", "34", "32", "33"


class Transcript:
    """Writes to `out`. A request has its own lines, so that it can be pasted into a shell."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.has_colour = out, out.isatty() and "NO_COLOR" not in os.environ
        self.person: Person | None = None

    def heading(self, text: str) -> None:
        """Write the first or the last line."""
        self._write("", text, style=BOLD)

    def start_scenario(self, number: int, title: str, summary: str) -> None:
        """Write the title and the summary of a scenario."""
        self._write("", f"━━ {number}. {title} ".ljust(WIDTH, "━"), style=BOLD)
        self._write(*textwrap.wrap(summary, WIDTH - 3), indent="   ", style=DIM)

    def clock(self, instant: str, zone: str) -> None:
        """Write the new time of the clock, as local time of a zone."""
        self.person = None  # the tokens issued before have expired
        local = datetime.fromisoformat(instant).astimezone(ZONES[zone])
        day = f"{DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year}"
        self._write("", f"{day}, {local:%H.%M} {zone}", indent="   ", style=BOLD)

    def sign_in(self, person: Person) -> None:
        """Write who sends the next requests, unless it is the same person as before."""
        if person != self.person:
            self.person = person
            self._write("", f"{person.name} · {person.description}", indent="   ", style=BLUE)
            self.request(f"sign_in {person.email}")

    def narrate(self, text: str) -> None:
        """Write a sentence or two about what happens."""
        self._write("", *textwrap.wrap(text, WIDTH - 3), indent="   ")

    def request(self, text: str) -> None:
        """Write a command for a shell."""
        self._write(*text.splitlines(), indent="     ", style=DIM)

    def answer(self, *lines: str) -> None:
        """Write a summary of an answer."""
        parts = [part for text in lines for part in textwrap.wrap(text, WIDTH - 7, subsequent_indent="  ")]
        self._write(*parts, indent="     ← ", style=GREEN)

    def plan(self, plan: Mapping[str, Any], *, replayed: bool = False) -> None:
        """Write version, state and tab of a plan."""
        state = [plan["state"]["label"]] if "state" in plan else []
        tab = plan["tab"].replace("_", " ").title()
        replay = ["replayed: nothing was stored again"] if replayed else []
        self.answer(" · ".join([f"version {plan['version']}", *state, f"tab {tab}", *replay]))

    def refusal(self, problems: Iterable[Mapping[str, Any]], english: Iterable[Mapping[str, Any]]) -> None:
        """Write each problem: its code, its path, who can fix it, and its message in both languages."""
        for problem, translation in zip(problems, english, strict=True):
            path = problem["inputPath"] or problem["planPath"]
            place = f" at {'.'.join(path)}" if path else ""
            who_can_fix = f", {problem['whoCanFix']} can fix it" if problem.get("whoCanFix") else ""
            self._write(f"{problem['code']}{place}{who_can_fix}", indent="     ✗ ", style=YELLOW)
            self.message(problem["message"], translation["message"])

    def message(self, indonesian: str, english: str) -> None:
        """Write a message as the person reads it, and its English text."""
        self._write(*textwrap.wrap(f"“{indonesian}”", WIDTH - 7), indent="       ")
        self._write(*textwrap.wrap(f"({english})", WIDTH - 7), indent="       ", style=DIM)

    def _write(self, *lines: str, indent: str = "", style: str = "") -> None:
        for text in lines:
            line = (
                f"\033[{style}m{indent}{text}\033[0m" if self.has_colour and style and text else indent + text
            )
            print(line.rstrip(), file=self.out, flush=True)
