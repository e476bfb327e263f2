"""A database on another machine: prod demands TLS, and a certificate that it knows."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from devtools.postgres import PrivatePostgres
from services.kit.database import open_database
from services.kit.secret import find_database_url_fault
from services.kit.settings import SettingsError
from services.planning.settings import PlanningSettings
from tests.conftest import Fresh
from tests.tls_proxy import tls_proxy

PACKAGE, PASSWORD = "services.planning", "gd8Kx2Lq9Zr4Tn7Vw1"
REMOTE = f"asyncpg://planning:{PASSWORD}@db.example:5432/planning"


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a self-signed certificate of localhost and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "server")


@pytest.fixture(scope="module")
def port(postgres: PrivatePostgres, certificate: tuple[Path, Path]) -> Iterator[int]:
    """The port of PostgreSQL behind TLS."""
    with tls_proxy(postgres.port, *certificate) as port:
        yield port


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_every_mode_of_tls_connects(
    postgres: PrivatePostgres, fresh_url: Fresh, port: int, certificate: tuple[Path, Path], mode: str
) -> None:
    url = (await fresh_url(PACKAGE)).replace(f"127.0.0.1:{postgres.port}", f"localhost:{port}", 1)
    async with open_database(
        SecretStr(f"{url}?sslmode={mode}&sslrootcert={certificate[0]}"), PACKAGE
    ) as database:
        await database.migrate()
        assert await database.connection.execute_query_dict("SELECT count(*) AS plans FROM plan") == [
            {"plans": 0}
        ]


@pytest.mark.parametrize(
    ("host", "query", "reason"),
    [
        ("localhost", "sslmode=verify-full&sslrootcert={other}", "the certificate of its server is not"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert={own}", "the certificate of its server is not"),
        ("private", "sslmode=require", "its server has no TLS"),
    ],
)
async def test_connection_without_the_certificate_is_refused(
    postgres: PrivatePostgres, fresh_url: Fresh, port: int, certificate: tuple[Path, Path], tmp_path: Path,
    host: str, query: str, reason: str,
) -> None:  # fmt: skip
    url = await fresh_url(PACKAGE)
    if host != "private":
        url = url.replace(f"127.0.0.1:{postgres.port}", f"{host}:{port}", 1)
    other, _ = make_certificate(tmp_path, "other")
    url = f"{url}?{query.format(other=other, own=certificate[0])}"
    with pytest.raises(SettingsError) as refusal:
        async with open_database(SecretStr(url), PACKAGE):
            pass
    assert str(refusal.value).startswith(
        f"RENCANA_PLANNING_DATABASE_URL: this database cannot be used: {reason}"
    )
    assert not [part for part in (postgres.password, str(port), str(other)) if part in str(refusal.value)]


@pytest.mark.parametrize("query", ["", "?sslmode=disable", "?sslmode=allow", "?sslmode=prefer"])
def test_prod_refuses_a_remote_database_without_tls(query: str) -> None:
    with pytest.raises(ValueError, match="RENCANA_PLANNING_DATABASE_URL names another machine") as refusal:
        PlanningSettings(env="prod", planning_database_url=SecretStr(REMOTE + query))
    assert PASSWORD not in refusal.value.errors()[0]["msg"]  # type: ignore[attr-defined]
    assert "db.example" not in refusal.value.errors()[0]["msg"]  # type: ignore[attr-defined]
    local = REMOTE.replace("db.example", "127.0.0.1") + query
    assert PlanningSettings(env="prod", planning_database_url=SecretStr(local))
    assert PlanningSettings(env="dev", planning_database_url=SecretStr(REMOTE + query))


def test_prod_takes_a_remote_database_with_tls(certificate: tuple[Path, Path]) -> None:
    for query in ("sslmode=require", f"sslmode=verify-full&sslrootcert={certificate[0]}"):
        assert PlanningSettings(env="prod", planning_database_url=SecretStr(f"{REMOTE}?{query}"))


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("sslmode=on", "must have an sslmode of PostgreSQL"),
        ("sslmode=verify-full", "needs sslrootcert"),
        ("sslmode=verify-ca&sslrootcert=/nowhere/ca.pem", "names a file in sslrootcert that does not exist"),
        ("sslmode=require&sslmode=disable", "may have the parameters sslmode and sslrootcert"),
        ("maxsize=5", "may have the parameters sslmode and sslrootcert"),
        ("sslmode", "may have the parameters sslmode and sslrootcert"),
    ],
)
def test_parameter_that_is_not_understood_is_refused(query: str, fault: str) -> None:
    complaint = find_database_url_fault(f"{REMOTE}?{query}")
    assert complaint is not None
    assert complaint.startswith(fault)
    assert query.rpartition("=")[2] not in complaint.replace("sslmode", "", 1) or query == "sslmode"
