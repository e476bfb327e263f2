"""Planning's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr

from services.kit import change_request
from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET, CommonSettings
from workflows.model import messages as workflow_messages

if TYPE_CHECKING:
    from services.planning.people.identity.credentials import Credentials

PACKAGE = "services.planning"  # names the database: its migrations, and its URL in messages
# what planning says to people, in both languages
MESSAGE_FILES = (
    change_request.MESSAGES,
    *sorted(Path(__file__).parent.glob("*/messages.yaml")),
    workflow_messages.MESSAGES_FILE,
)
REGISTER = "rencana clients register --scope registry:read gives one"


class PlanningSettings(CommonSettings):
    """What the planning service reads from the environment."""

    planning_database_url: SecretStr = SecretStr("")
    # who planning and the worker are to identity
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    planning_host: str = "127.0.0.1"
    planning_port: int = 8000
    # how long what identity last said serves readers and drafts while it is away; 0: not at all
    facts_cache_hours: int = Field(72, ge=0, le=24 * 31)
    # the worker: health and metrics there, and how often it asks for what changed
    worker_host: str = "127.0.0.1"
    worker_port: int = 8002
    worker_interval_seconds: float = Field(5, gt=0, le=300)

    def find_problems(self) -> Iterator[str]:
        """As of every process; and planning has a database of its own."""
        yield from super().find_problems()
        yield from self.check_loopback_in_dev("planning_host")
        yield from self.check_loopback_in_dev("worker_host")
        yield from self.check_database_url("planning_database_url")
        if self.client_id == DEV_CLIENT_ID and not self.is_dev:
            yield f"RENCANA_CLIENT_ID is the one of development; {REGISTER}"
        if self.client_secret.get_secret_value():
            yield from self.check_secret("client_secret", REGISTER)

    @property
    def credentials(self) -> Credentials:
        """By which planning asks identity; in development those of development, where none are given."""
        # imported here: aiohttp takes 0.2 s, and the commands of an operator ask identity nothing
        from services.planning.people.identity.credentials import Credentials

        if not self.is_dev:
            return Credentials(self.client_id, self.client_secret.get_secret_value())
        return Credentials(
            self.client_id or DEV_CLIENT_ID, self.client_secret.get_secret_value() or DEV_CLIENT_SECRET
        )


class ServingSettings(PlanningSettings):
    """Those of a process that asks identity. Other commands, such as the first `rencana migrate`, need no client."""

    def find_problems(self) -> Iterator[str]:
        """As of planning; and in prod it is somebody to identity."""
        yield from super().find_problems()
        if not (self.client_id or self.is_dev):
            yield f"RENCANA_CLIENT_ID is required in prod; {REGISTER}"
        if not self.client_secret.get_secret_value():
            yield from self.check_secret("client_secret", REGISTER)
