"""`rencana keys …`: signing keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from services.identity.cli.options import SECOND_FORMAT, open_identity
from services.kit.command_line import async_command

if TYPE_CHECKING:
    from services.identity.tokens.keys import Keyring


@click.group()
def keys() -> None:
    """The keys that sign tokens."""


@keys.command("rotate")
@async_command
async def keys_rotate() -> None:
    """Create the next signing key. Nobody is signed out, and no service needs a restart."""
    async with _open_keyring() as (keyring, now):
        key = await keyring.rotate(now)
    click.echo(f"{key.kid} is published and signs from {key.active_from:{SECOND_FORMAT}}")


@keys.command("reseal")
@async_command
async def keys_reseal() -> None:
    """Encrypt the signing keys with RENCANA_KEY_SECRET instead of RENCANA_KEY_SECRET_PREVIOUS.

    Nobody is signed out. `rencana identity serve` does the same when it starts.
    """
    async with _open_keyring() as (keyring, now):
        await keyring.ensure_signing_key(now)
    click.echo("the signing keys are encrypted with RENCANA_KEY_SECRET")


# An id is base64url, so it may begin with a hyphen: it is no option then.
@keys.command("drop", context_settings={"ignore_unknown_options": True})
@click.argument("kid")
@async_command
async def keys_drop(kid: str) -> None:
    """Withdraw the leaked signing key KID at once. Its tokens are refused within minutes.

    Clients get new tokens as they do every 15 minutes. Nobody has to sign in again.
    """
    async with _open_keyring() as (keyring, now):
        key = await keyring.withdraw(kid, now)
    click.echo(f"{kid} is withdrawn; {key.kid} signs now")


@keys.command("list")
@async_command
async def keys_list() -> None:
    """List all signing keys, retired ones included, with their state."""
    from services.identity.tokens import store as tokens_store
    from services.identity.tokens.model import choose_signing_key, list_published_keys

    async with open_identity() as (now, connection):
        every = await tokens_store.load_keys(connection)
    signing_key, published_keys = choose_signing_key(every, now), list_published_keys(every, now)
    for key in every:
        state = "signs" if key is signing_key else "published" if key in published_keys else "retired"
        click.echo(f"{key.kid}  {state}  from {key.active_from:{SECOND_FORMAT}}")


@asynccontextmanager
async def _open_keyring() -> AsyncIterator[tuple[Keyring, datetime]]:
    from services.identity.settings import IdentitySettings
    from services.identity.tokens.keys import Keyring
    from services.kit.settings import load_settings

    async with open_identity() as (now, _):
        yield Keyring(*load_settings(IdentitySettings).key_secrets), now
