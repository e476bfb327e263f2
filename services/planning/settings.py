"""Settings of the planning service and the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr

from services.kit import change_request
from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET, CommonSettings, NameList, Port
from workflows.model import messages as workflow_messages

if TYPE_CHECKING:
    from services.planning.people.identity.credentials import Credentials

PACKAGE = "services.planning"  # of the migrations; also names the database in messages
# texts for people, in Indonesian and English
MESSAGE_FILES = (
    change_request.MESSAGES,
    *sorted(Path(__file__).parent.glob("*/messages.yaml")),
    workflow_messages.MESSAGES_FILE,
)
REGISTER_HINT = "rencana clients register --scope registry:read creates one"


class PlanningSettings(CommonSettings):
    """Settings that every process and command of planning reads from the environment."""

    planning_database_url: SecretStr = SecretStr("")
    # credentials at identity
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    planning_host: str = "127.0.0.1"
    planning_port: Port = 8000
    # age up to which readers and drafts use cached answers while identity is unavailable; 0 turns the cache off
    facts_cache_hours: int = Field(72, ge=0, le=24 * 31)
    # cost of the operations of one caller in a minute, counted by each process; docs/clients.md explains the cost
    person_cost_per_minute: int = Field(20_000, ge=2_000)
    partner_cost_per_minute: int = Field(100_000, ge=2_000)
    # whether partners, admins and the gateway may send documents that are not trusted; in development everybody may
    free_form_documents: bool = True
    # secrets of the gateway whose documents for persons need not be trusted; the previous one during a change
    gateway_secret: SecretStr = SecretStr("")
    gateway_secret_previous: SecretStr = SecretStr("")
    # accounts that the explorer of development offers for signing in by one click
    explorer_accounts: NameList = ()
    # address of the worker's health and metrics, and the pause between its rounds
    worker_host: str = "127.0.0.1"
    worker_port: Port = 8002
    worker_interval_seconds: float = Field(5, gt=0, le=300)
    # days after which the worker deletes idempotency keys
    command_key_days: int = Field(30, ge=1, le=366)

    def find_problems(self) -> Iterator[str]:
        """Add checks of planning's addresses, database and client."""
        yield from super().find_problems()
        yield from self.check_loopback_in_dev("planning_host")
        yield from self.check_loopback_in_dev("worker_host")
        yield from self.check_database_url("planning_database_url")
        if self.explorer_accounts and not self.is_dev:
            yield "RENCANA_EXPLORER_ACCOUNTS is allowed with RENCANA_ENV=dev only; please remove it"
        if self.client_id == DEV_CLIENT_ID and not self.is_dev:
            yield f"RENCANA_CLIENT_ID is the client of development; {REGISTER_HINT}"
        if self.client_secret.get_secret_value():
            yield from self.check_secret("client_secret", REGISTER_HINT)
        for name in ("gateway_secret", "gateway_secret_previous"):
            if self._secret(name):
                yield from self.check_secret(name)

    @property
    def gateway_secrets(self) -> tuple[str, ...]:
        """Return the secrets by which a gateway is known; none without settings."""
        secrets = (self.gateway_secret, self.gateway_secret_previous)
        return tuple(secret.get_secret_value() for secret in secrets if secret.get_secret_value())

    @property
    def credentials(self) -> Credentials:
        """Return the credentials at identity. Without settings, development uses its own."""
        # imported here: aiohttp takes 0.2 s to load, and commands of operators do not call identity
        from services.planning.people.identity.credentials import Credentials

        if not self.is_dev:
            return Credentials(self.client_id, self.client_secret.get_secret_value())
        return Credentials(
            self.client_id or DEV_CLIENT_ID, self.client_secret.get_secret_value() or DEV_CLIENT_SECRET
        )


class ServingSettings(PlanningSettings):
    """Settings of a process that calls identity. Other commands, such as `rencana migrate`, need no client."""

    def find_problems(self) -> Iterator[str]:
        """Require a client in production."""
        yield from super().find_problems()
        if not (self.client_id or self.is_dev):
            yield f"RENCANA_CLIENT_ID is required in prod; {REGISTER_HINT}"
        if not self.client_secret.get_secret_value():
            yield from self.check_secret("client_secret", REGISTER_HINT)
