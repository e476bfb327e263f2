"""What the demo prints: a text for reading, in colour only on a terminal."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from demo.cast import Somebody

WIDTH = 104
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni")  # of the semester that the demo plays in
ZONES = {"WIB": ZoneInfo("Asia/Jakarta"), "WITA": ZoneInfo("Asia/Makassar"), "WIT": ZoneInfo("Asia/Jayapura")}

BOLD, DIM, BLUE, GREEN, YELLOW = "1", "2", "34", "32", "33"


class Transcript:
    """Writes to `out`. Requests stand alone in their lines, so that they can be pasted."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.colour = out, out.isatty() and "NO_COLOR" not in os.environ
        self.speaker: Somebody | None = None

    def heading(self, text: str) -> None:
        """The beginning, and the end."""
        self._write("", text, style=BOLD)

    def title(self, number: int, title: str, gist: str) -> None:
        """A story begins."""
        self._write("", f"━━ {number}. {title} ".ljust(WIDTH, "━"), style=BOLD)
        self._write(*textwrap.wrap(gist, WIDTH - 3), indent="   ", style=DIM)

    def when(self, instant: str, zone: str) -> None:
        """The moment, on the clock of the place."""
        self.speaker = None  # signed out: a token does not live that long
        at = datetime.fromisoformat(instant).astimezone(ZONES[zone])
        day = f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at.year}"
        self._write("", f"{day}, {at:%H.%M} {zone}", indent="   ", style=BOLD)

    def speaks(self, who: Somebody) -> None:
        """Who acts from here on; nothing where that was so already."""
        if who != self.speaker:
            self.speaker = who
            self._write("", f"{who.name} · {who.who}", indent="   ", style=BLUE)
            self.request(f"enter {who.email}")

    def tell(self, text: str) -> None:
        """What happens, in a sentence or two."""
        self._write("", *textwrap.wrap(text, WIDTH - 3), indent="   ")

    def request(self, text: str) -> None:
        """A line to paste."""
        self._write(*text.splitlines(), indent="     ", style=DIM)

    def answer(self, *lines: str) -> None:
        """What came back, in short."""
        wrapped = [part for text in lines for part in textwrap.wrap(text, WIDTH - 7, subsequent_indent="  ")]
        self._write(*wrapped, indent="     ← ", style=GREEN)

    def plan(self, plan: Mapping[str, Any], *, replayed: bool = False) -> None:
        """Where a plan stands now."""
        state = [plan["state"]["label"]] if "state" in plan else []
        tab = plan["tab"].replace("_", " ").title()
        again = ["already done, not done again"] if replayed else []
        self.answer(" · ".join([f"version {plan['version']}", *state, f"tab {tab}", *again]))

    def refusal(self, problems: Iterable[Mapping[str, Any]], english: Iterable[Mapping[str, Any]]) -> None:
        """Every reason: its code, the sentence that the person reads, and the same in English."""
        for problem, same in zip(problems, english, strict=True):
            place = f" at {'.'.join(problem['path'])}" if problem["path"] else ""
            who = f", {problem['whoCanFix']} can mend it" if "whoCanFix" in problem else ""
            self._write(f"{problem['code']}{place}{who}", indent="     ✗ ", style=YELLOW)
            self.message(problem["message"], same["message"])

    def message(self, indonesian: str, english: str) -> None:
        """A sentence as the person reads it, and an aside for who does not read Indonesian."""
        self._write(*textwrap.wrap(f"“{indonesian}”", WIDTH - 7), indent="       ")
        self._write(*textwrap.wrap(f"({english})", WIDTH - 7), indent="       ", style=DIM)

    def _write(self, *lines: str, indent: str = "", style: str = "") -> None:
        for text in lines:
            shown = f"\033[{style}m{indent}{text}\033[0m" if self.colour and style and text else indent + text
            print(shown.rstrip(), file=self.out, flush=True)
