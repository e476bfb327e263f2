"""The rights of database roles: `migrations/grants.sql` of a service, which every migration applies anew."""

from __future__ import annotations

import re
from importlib import resources

import asyncpg

from services.kit.environment_variables import variable_name
from services.kit.settings import SettingsError


def load_grants(package: str) -> str:
    """Return the file of a service."""
    return resources.files(f"{package}.migrations").joinpath("grants.sql").read_text("utf-8")


def list_roles(grants: str, service: str) -> list[str]:
    """Return the roles that a file of grants names. No table of a service begins with its name."""
    return sorted(set(re.findall(rf"\b{service}_\w+", grants)))


async def check_roles(grants: str, service: str, connection: asyncpg.Connection) -> None:
    """Raise SettingsError if a migration could not end: a role is missing, or this is not the owner's."""
    setting = variable_name(f"{service}_database_url")
    if not await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')"):
        raise SettingsError(
            f"{setting}: its role may not create tables; `rencana migrate` runs as the owner of the database"
        )
    existing = await connection.fetch("SELECT rolname FROM pg_roles")
    if missing := sorted(set(list_roles(grants, service)) - {row["rolname"] for row in existing}):
        statements = " ".join(f"CREATE ROLE {role};" for role in missing)
        raise SettingsError(
            f"{setting}: its server lacks roles that the tables are granted to; please run there, "
            f"as a role that may create roles: {statements}"
        )
