"""compose.yaml and the Dockerfile hold together: with each other, with the settings, the commands and the files."""

from __future__ import annotations

import re
import ssl
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from services.cli import rencana
from services.identity.api.edges import LIMITED_PATHS
from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from services.kit.database import Database
from services.kit.environment_variables import secret_fields, variable_name
from services.kit.process import GRACEFUL_SHUTDOWN_SECONDS
from services.kit.secret import find_database_url_fault, find_secret_weakness, get_url_password
from services.kit.settings import CommonSettings
from services.planning.settings import PlanningSettings, ServingSettings
from tests.composed import OURS, ROOT, SERVICES, instructions, list_copied_files, load_compose

SERVING = ("identity", "planning", "worker")
READS: dict[str, tuple[type[CommonSettings], ...]] = {
    "identity": (IdentitySettings,),
    "planning": (ServingSettings,),
    "worker": (ServingSettings,),
    "migrate": (IdentitySettings, PlanningSettings),
    "rencana": (IdentitySettings, PlanningSettings),
}
# the role of PostgreSQL as which a process uses the database of a service
LOGINS = {
    ("migrate", "identity"): "identity_owner", ("migrate", "planning"): "planning_owner",
    ("identity", "identity"): "identity", ("planning", "planning"): "planning", ("worker", "planning"): "worker",
    ("rencana", "identity"): "identity_operator", ("rencana", "planning"): "planning_operator",
}  # fmt: skip
WHOLE = load_compose()
NOBODYS = Database("asyncpg://nobody@127.0.0.1/identity", "services.identity")  # never connected
INSIDE = {
    "/v1/teachers/{ptk_id}", "/v1/teachers/resolve", "/v1/schools/{npsn}", "/v1/accounts/{account_id}", "/v1/changes",
    "/healthz", "/readyz", "/metrics", "/dev/token",
}  # fmt: skip
WHOLE_FOLDERS = {"/.well-known/*", "/admin/clients/*"}
EXTERNAL_SECRETS = {
    "oidc_client_secret",
    "client_secret",
}  # by the provider, and by `rencana clients register`


def test_file_has_every_process() -> None:
    assert set(OURS) == {*SERVING, "migrate", "rencana"}
    assert set(SERVICES) == {*OURS, "postgres", "edge"}
    assert re.fullmatch(r"\$\{POSTGRES_IMAGE:-postgres:1[78].*\}", SERVICES["postgres"]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_container_runs_with_least_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "edge" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert "privileged" not in service
    user = instructions("USER")[-1] if name in OURS else service["user"]
    assert user.split(":")[0] not in ("", "0", "root")
    assert "user" not in service or name not in OURS


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("migrate", "rencana")])
def test_long_running_service_has_health_check_and_restart(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert "profiles" not in SERVICES[name]


@pytest.mark.parametrize("name", SERVING)
def test_health_check_uses_the_port_of_the_process(name: str) -> None:
    settings = READS[name][0]()
    port = getattr(settings, f"{name}_port")
    assert f"http://127.0.0.1:{port}/readyz" in SERVICES[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", SERVING)
def test_stop_period_is_longer_than_the_graceful_shutdown(name: str) -> None:
    grace = re.fullmatch(r"(\d+)s", SERVICES[name]["stop_grace_period"])
    assert grace is not None
    assert int(grace[1]) > GRACEFUL_SHUTDOWN_SECONDS


def test_service_starts_after_its_dependencies() -> None:
    waits = {
        name: {other: how["condition"] for other, how in service["depends_on"].items()}
        for name, service in SERVICES.items()
        if "depends_on" in service
    }
    assert waits["migrate"] == {"postgres": "service_healthy"}
    assert waits["identity"] == {"migrate": "service_completed_successfully"}
    assert waits["planning"] == waits["worker"] == {"identity": "service_healthy"}
    assert waits["edge"] == {"identity": "service_healthy", "planning": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_environment_has_only_settings_and_paths_of_secrets(name: str) -> None:
    fields = {variable_name(field) for kind in READS[name] for field in kind.model_fields}
    secret = {variable_name(field) for kind in READS[name] for field in secret_fields(kind)}
    environment = SERVICES[name]["environment"]
    assert environment["RENCANA_ENV"] == "prod"
    for key, value in environment.items():
        assert key in (fields - secret) | {f"{one}_FILE" for one in secret}, key
        if key.endswith("_FILE"):
            folder, _, secret_name = value.rpartition("/")
            setting = secret_name
            if key.endswith("_DATABASE_URL_FILE"):
                service = key.removeprefix("RENCANA_").removesuffix("_DATABASE_URL_FILE").lower()
                assert secret_name == f"{LOGINS[name, service]}_database_url"
                setting = f"{service}_database_url"
            assert (folder, key) == ("/run/secrets", f"{variable_name(setting)}_FILE")
    files = {value.rpartition("/")[2] for key, value in environment.items() if key.endswith("_FILE")}
    assert files | {"postgres_certificate"} == set(SERVICES[name]["secrets"])


def test_service_has_only_its_own_secrets() -> None:
    for name in OURS:
        logins = {login for (process, _), login in LOGINS.items() if process == name}
        urls = {
            one.removesuffix("_database_url") for one in SERVICES[name]["secrets"] if one.endswith("_url")
        }
        assert urls == logins
        assert "postgres_key" not in SERVICES[name]["secrets"]
    assert set(WHOLE["secrets"]) == {secret for one in SERVICES.values() for secret in one.get("secrets", [])}


def test_script_creates_every_own_secret_once_and_strong(tmp_path: Path) -> None:
    def create_secrets() -> dict[str, str]:
        subprocess.run([ROOT / "deploy/secrets.sh", tmp_path / "secrets"], check=True, capture_output=True)
        return {path.name: path.read_text().rstrip("\n") for path in (tmp_path / "secrets").iterdir()}

    first = create_secrets()
    assert set(first) == set(WHOLE["secrets"]) - EXTERNAL_SECRETS
    assert {name: one["file"] for name, one in WHOLE["secrets"].items()} == {
        name: f"./secrets/{name}" for name in WHOLE["secrets"]
    }
    certificate, key = first.pop("postgres_certificate"), first.pop("postgres_key")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
        tmp_path / "secrets/postgres_certificate", tmp_path / "secrets/postgres_key"
    )
    assert "BEGIN CERTIFICATE" in certificate
    assert "PRIVATE KEY" in key
    for name, value in first.items():
        value = value.replace("/run/secrets", str(tmp_path / "secrets"))
        assert find_secret_weakness(get_url_password(value) if name.endswith("_url") else value) is None
        assert not name.endswith("_url") or find_database_url_fault(value) is None
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    (tmp_path / "secrets" / "key_secret").unlink()
    again = create_secrets()
    assert {name for name in first if first[name] != again[name]} == {"key_secret"}


@pytest.mark.parametrize("name", [name for name in OURS if name != "rencana"])
def test_every_command_is_a_rencana_command(name: str) -> None:
    assert instructions("ENTRYPOINT") == ['["rencana"]']
    result = CliRunner().invoke(rencana, [*SERVICES[name]["command"], "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: rencana {' '.join(SERVICES[name]['command'])} ")


def test_only_the_edge_can_be_reached_and_databases_reach_nobody() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["edge"]
    assert SERVICES["edge"]["networks"] == ["front"]
    assert SERVICES["postgres"]["networks"] == ["database"]
    inside = {name for name, network in WHOLE["networks"].items() if network.get("internal")}
    assert inside == {"inside", "database"}
    assert [name for name in OURS if "front" in OURS[name]["networks"]] == ["identity", "planning"]
    (subnet,) = WHOLE["networks"]["front"]["ipam"]["config"]
    assert {OURS[name]["environment"]["RENCANA_TRUSTED_PROXIES"] for name in OURS} == {subnet["subnet"]}


def test_the_edge_may_write_where_it_keeps_certificates() -> None:
    edge = SERVICES["edge"]
    (folder,) = [mount.split(":")[1] for mount in edge["volumes"] if mount.startswith("certificates:")]
    assert {edge["environment"]["XDG_DATA_HOME"], edge["environment"]["XDG_CONFIG_HOME"]} == {folder}
    steps = edge["build"]["dockerfile_inline"].splitlines()
    assert steps[1:] == [f"RUN mkdir {folder} && chown {edge['user']} {folder}"]


def test_both_services_allow_the_same_web_origins() -> None:
    origins = {
        name: OURS[name]["environment"].get("RENCANA_WEB_ORIGINS") for name in ("identity", "planning")
    }
    assert origins == dict.fromkeys(origins, "${WEB_ORIGINS:-}")


def test_edge_proxies_every_public_path_and_no_internal_one() -> None:
    text = (ROOT / "deploy/Caddyfile").read_text("utf-8")
    public = [path for line in re.findall(r"\bpath (.+)", text) for path in line.split()]
    settings = IdentitySettings(
        env="dev", oidc_issuer="https://provider.example", oidc_client_id="we", web_origins=("https://a.example",),
        oidc_client_secret=SecretStr("given by the provider"), identity_issuer="https://rencana.example",
    )  # fmt: skip
    routes = {str(getattr(one, "path", "")) for one in create_app(settings, NOBODYS).routes}
    public_routes = {path for path in routes if any(fnmatch(path, pattern) for pattern in public)}
    assert routes - public_routes == INSIDE
    assert public_routes >= LIMITED_PATHS | {"/session/token"}
    assert (
        set(public) - {"/graphql", "/graphql/schema.graphql", "/catalogs/*"}
        <= {re.sub(r"\{\w+\}", "*", path) for path in public_routes} | WHOLE_FOLDERS
    )


def test_every_file_that_is_mounted_or_copied_exists() -> None:
    mounts = [volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])]
    files = [mount for mount in mounts if mount.startswith("./") and mount != "./import"]
    assert files
    for path in [*files, *list_copied_files()]:
        assert (ROOT / path).exists(), path
    assert {mount for mount in mounts if not mount.startswith(".")} == set(WHOLE["volumes"])


def test_nothing_goes_into_an_image_but_what_the_dockerfile_copies() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    assert [line[1:] for line in lines if line[0] == "!"] == list_copied_files()


def test_the_last_stage_has_no_tool_that_builds() -> None:
    build, last = [part.splitlines() for part in (ROOT / "Dockerfile").read_text().split("\nFROM ")][-2:]
    assert build[0].endswith(" AS build")
    assert not [line for line in last if line.startswith("RUN") or " pip " in line]
    assert [line for line in last if line.startswith("COPY")] == [
        "COPY --from=build /opt/rencana /opt/rencana"
    ]
    assert any("--constraint constraints.txt" in line for line in build)
