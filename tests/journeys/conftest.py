"""One stage for all journeys: both services as real processes, on a PostgreSQL of their own."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest

from demo.stage import Stage
from demo.stories import Story
from demo.theatre import passing_folder, staged
from demo.transcript import Transcript


class Performance:
    """Plays a story when it is first asked for, and keeps what was told."""

    def __init__(self, stage: Stage, setting: str) -> None:
        self.stage, self.setting = stage, setting
        self._told: dict[str, str] = {}

    async def of(self, story: Story) -> str:
        """The transcript of a story, which has asserted what it tells."""
        if story.title not in self._told:
            out = io.StringIO()
            await story.tell(self.stage, Transcript(out))
            self._told[story.title] = out.getvalue()
        return self._told[story.title]


@pytest.fixture(scope="session")
async def performance() -> AsyncIterator[Performance]:
    setting = io.StringIO()
    with passing_folder() as folder:
        async with staged(folder, Transcript(setting)) as stage:
            yield Performance(stage, setting.getvalue())
