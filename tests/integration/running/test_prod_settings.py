"""Every command in `prod` without and with each forbidden setting. `pytest -s` prints the table.

Each command runs as a real process with good settings or a fixed clock, and in this process with the other settings.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from services import cli
from services.identity.settings import DEV_KEY_SECRET
from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET
from tests.integration.running.command import ProcessResult, rencana

CLIENT_ID = "00000000-0000-4000-8000-000000000001"
KEY, CLIENT, PASSWORD = (secrets.token_hex(32) for _ in range(3))
NOBODY = "127.0.0.1:9"  # good settings end at the database, which nobody serves there
GOOD = {
    "RENCANA_KEY_SECRET": KEY,
    "RENCANA_CLIENT_ID": CLIENT_ID,
    "RENCANA_CLIENT_SECRET": CLIENT,
    "RENCANA_IDENTITY_DATABASE_URL": f"asyncpg://identity:{PASSWORD}@{NOBODY}/identity",
    "RENCANA_PLANNING_DATABASE_URL": f"asyncpg://planning:{PASSWORD}@{NOBODY}/planning",
}
IDENTITY, PLANNING, WORKER = "identity serve", "planning serve", "worker"
FIXED_CLOCK: dict[str, str | None] = {"RENCANA_NOW": "2024-02-01T00:00:00Z"}
WEAK = "kata-sandi"
SIGN_IN: dict[str, str | None] = {
    "RENCANA_OIDC_ISSUER": "https://provider.example", "RENCANA_OIDC_CLIENT_ID": "rencana",
    "RENCANA_IDENTITY_ISSUER": "https://masuk.rencana.example", "RENCANA_WEB_ORIGINS": "https://rencana.example",
}  # fmt: skip

# the command, what is set besides GOOD (None: left out), and how its complaints begin
Case = tuple[str, dict[str, str | None], list[str]]
CASES: list[Case] = [
    (IDENTITY, {}, ["RENCANA_IDENTITY_DATABASE_URL: this database cannot be used"]),
    (WORKER, {}, ["RENCANA_PLANNING_DATABASE_URL: this database cannot be used"]),
    (PLANNING, {"RENCANA_CLIENT_ID": None, "RENCANA_CLIENT_SECRET": None},
     ["RENCANA_CLIENT_ID is required", "RENCANA_CLIENT_SECRET is required"]),
    (WORKER, {"RENCANA_CLIENT_SECRET": None}, ["RENCANA_CLIENT_SECRET is required"]),
    (PLANNING, {"RENCANA_CLIENT_SECRET": DEV_CLIENT_SECRET}, ["RENCANA_CLIENT_SECRET is the development secret"]),
    (PLANNING, {"RENCANA_GATEWAY_SECRET": "short", "RENCANA_GATEWAY_SECRET_PREVIOUS": "short"},
     ["RENCANA_GATEWAY_SECRET ", "RENCANA_GATEWAY_SECRET_PREVIOUS "]),
    (WORKER, {"RENCANA_CLIENT_ID": DEV_CLIENT_ID}, ["RENCANA_CLIENT_ID is the client of development"]),
    (PLANNING, {"RENCANA_CLIENT_SECRET": PASSWORD},
     ["RENCANA_PLANNING_DATABASE_URL and RENCANA_CLIENT_SECRET have the same secret"]),
    (IDENTITY, {"RENCANA_OIDC_ISSUER": "https://provider.example"},
     ["RENCANA_OIDC_CLIENT_ID is required", "RENCANA_OIDC_CLIENT_SECRET is required",
      "RENCANA_WEB_ORIGINS is required", "RENCANA_IDENTITY_ISSUER must begin with https://"]),
    (IDENTITY, SIGN_IN | {"RENCANA_OIDC_CLIENT_SECRET": WEAK},
     ["RENCANA_OIDC_CLIENT_SECRET must have at least 16"]),
    (IDENTITY, SIGN_IN | {"RENCANA_OIDC_CLIENT_SECRET": DEV_CLIENT_SECRET},
     ["RENCANA_OIDC_CLIENT_SECRET is the development secret"]),
    (IDENTITY, {"RENCANA_APPS": "https://app.example"}, ["RENCANA_APPS must be JSON"]),
    (IDENTITY, FIXED_CLOCK, ["RENCANA_NOW freezes the clock"]),
    (PLANNING, FIXED_CLOCK, ["RENCANA_NOW freezes the clock"]),
    (WORKER, FIXED_CLOCK, ["RENCANA_NOW freezes the clock"]),
    (PLANNING, {"RENCANA_EXPLORER_ACCOUNTS": "ratna.contoh@guru.sd.belajar.id"},
     ["RENCANA_EXPLORER_ACCOUNTS is allowed with RENCANA_ENV=dev only"]),
    ("migrate", FIXED_CLOCK, ["RENCANA_NOW freezes the clock"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": DEV_KEY_SECRET}, ["RENCANA_KEY_SECRET is the development secret"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": None}, ["RENCANA_KEY_SECRET is required"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": WEAK}, ["RENCANA_KEY_SECRET must have at least 32"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": "x" * 40}, ["RENCANA_KEY_SECRET has only 1 different characters"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": "0123456789" * 4}, ["RENCANA_KEY_SECRET repeats a shorter text"]),
    (IDENTITY, {"RENCANA_KEY_SECRET_PREVIOUS": KEY},
     ["RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_PREVIOUS have the same secret"]),
    (IDENTITY, {"RENCANA_KEY_SECRET_PREVIOUS": DEV_KEY_SECRET},
     ["RENCANA_KEY_SECRET_PREVIOUS is the development secret"]),
    (IDENTITY, {"RENCANA_KEY_SECRET": None, "RENCANA_KEY_SECRET_FILE": "/run/secrets/not-there"},
     ["RENCANA_KEY_SECRET cannot be read from /run/secrets/not-there"]),
    (IDENTITY, {"RENCANA_KEY_SECRET_FILE": "/run/secrets/not-there"},
     ["RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_FILE are both set"]),
    (IDENTITY, {"RENCANA_IDENTITY_DATABASE_URL": None}, ["RENCANA_IDENTITY_DATABASE_URL is required"]),
    (PLANNING, {"RENCANA_PLANNING_DATABASE_URL": None}, ["RENCANA_PLANNING_DATABASE_URL is required"]),
    (WORKER, {"RENCANA_PLANNING_DATABASE_URL": f"postgresql://u:{PASSWORD}@{NOBODY}/planning"},
     ["RENCANA_PLANNING_DATABASE_URL must have the form asyncpg://"]),
    (PLANNING, {"RENCANA_PLANNING_DATABASE_URL": f"asyncpg://planning:{WEAK}@{NOBODY}/planning"},
     ["RENCANA_PLANNING_DATABASE_URL has a password that must have at least 16"]),
    (PLANNING, {"RENCANA_TRUSTED_PROXIES": "0.0.0.0/0"}, ["RENCANA_TRUSTED_PROXIES would trust everybody"]),
    (PLANNING, {"RENCANA_TRUSTED_PROXIES": "*"}, ["RENCANA_TRUSTED_PROXIES: Input is not a valid"]),
    (PLANNING, {"RENCANA_ENV": "production"}, ["RENCANA_ENV: Input should be 'prod' or 'dev'"]),
    (PLANNING, {"RENCANA_ENV": "dev", "RENCANA_PLANNING_HOST": "0.0.0.0"},
     ["RENCANA_PLANNING_HOST must be 127.0.0.1, ::1 or localhost with RENCANA_ENV=dev"]),
    (PLANNING, {"RENCANA_ENV": "dev", "RENCANA_PLANNING_DATABASE_URL": None},
     ["RENCANA_PLANNING_DATABASE_URL is required; `make run` sets it"]),
    (IDENTITY, dict.fromkeys(GOOD), [
        "RENCANA_IDENTITY_DATABASE_URL is required",
        "RENCANA_KEY_SECRET is required",
    ]),
    (IDENTITY, {"RENCANA_IDENTITY_PORT": "many", "RENCANA_NOW": "2024-02-01T00:00:00Z", "RENCANA_KEY_SECRET": WEAK},
     ["RENCANA_IDENTITY_PORT: Input should be a valid integer", "RENCANA_NOW freezes the clock",
      "RENCANA_KEY_SECRET must have at least 32"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """The table of settings and messages."""
    rows: list[str] = []
    yield rows
    click.echo("\n\n" + "\n".join(rows))


@pytest.mark.parametrize(("command", "changes", "messages"), CASES)
async def test_prod_reports_every_problem_at_start(
    table: list[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    changes: dict[str, str | None],
    messages: list[str],
) -> None:
    environment = {name: value for name, value in (GOOD | changes).items() if value is not None}
    if changes in ({}, FIXED_CLOCK):
        result = await rencana(command, environment)
    else:
        result = await _run_here(command, environment, monkeypatch)
    complaints = result.complaint.splitlines()
    table.append(f"rencana {command}, {_format_changes(changes)}:")
    table.extend(f"    {complaint}" for complaint in complaints)
    assert (result.code, result.out) == (1, "")
    assert [line for line in complaints if not line.startswith("settings: ")] == []
    assert len(complaints) == len(messages)
    for complaint, beginning in zip(complaints, messages, strict=True):
        assert complaint.removeprefix("settings: ").startswith(beginning)
    for secret in (KEY, CLIENT, PASSWORD, WEAK, DEV_KEY_SECRET, DEV_CLIENT_SECRET):
        assert secret not in result.complaint


async def _run_here(
    command: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> ProcessResult:
    """Run a command in a thread of this process, with only these settings."""
    for name in [name for name in os.environ if name.startswith("RENCANA_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = await asyncio.to_thread(CliRunner().invoke, cli.rencana, command.split())
    return ProcessResult(result.exit_code, result.stdout, result.stderr)


def _format_changes(changes: dict[str, str | None]) -> str:
    """Format the settings of a case, with kinds instead of generated secrets."""
    kinds = {KEY: "(that of the keys)", CLIENT: "(that of the client)", PASSWORD: "(password)"}
    items = []
    for name, value in changes.items():
        for secret, kind in kinds.items():
            value = value and value.replace(secret, kind)
        items.append(f"no {name}" if value is None else f"{name}={value}")
    return ", ".join(items) or "as it should be, with no database"
