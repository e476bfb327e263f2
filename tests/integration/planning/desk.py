"""An operator's desk in tests: what is typed at `rencana workflow …`, and what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.integration.planning.audit import command
from tests.integration.planning.house import House
from tests.integration.planning.publishing import sha_of

BY_SARI, BY_BUDI = ("--by", "Sari Contoh"), ("--by", "Budi Contoh")
WHY = ("--reason", "Masukan dari para guru.")


class Desk:
    """An operator's desk: a folder for files, and the command."""

    def __init__(self, house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house, self.folder, self.monkeypatch = house, folder, monkeypatch

    def file(self, text: str) -> str:
        path = self.folder / f"{sha_of(text)[:8]}.yaml"
        path.write_text(text)
        return str(path)

    async def type(self, *words: str) -> Result:
        return await command(self.house, self.monkeypatch, "workflow", *words)

    async def done(self, *words: str) -> str:
        result = await self.type(*words)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    async def refused(self, *words: str) -> str:
        before = await self.house.sql("SELECT a::text FROM admin_act a ORDER BY id")
        result = await self.type(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert await self.house.sql("SELECT a::text FROM admin_act a ORDER BY id") == before
        return str(result.stderr)
