"""`rencana identity serve`."""

from __future__ import annotations

import click

from services.kit.command_line import async_command


@click.group()
def identity() -> None:
    """The identity service."""


@identity.command("serve")
@async_command
async def identity_serve() -> None:
    """Serve sign-in, tokens and the data of schools and people until stopped."""
    from services.identity.settings import IdentitySettings
    from services.kit.settings import load_settings

    settings = load_settings(IdentitySettings)  # before the app, whose import takes half a second of CPU

    from services.identity.app import serve_identity

    await serve_identity(settings)
