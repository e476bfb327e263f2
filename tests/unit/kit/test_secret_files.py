"""Secrets from files: how they are read, the problems of a file, and that no value is shown."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from services.identity.settings import IdentitySettings
from services.kit.environment_variables import MAX_SECRET_FILE_BYTES
from services.kit.settings import SettingsError, load_settings

KEY_SECRET, OIDC_SECRET, PASSWORD = (secrets.token_hex(32) for _ in range(3))
DATABASE_URL = f"asyncpg://identity:{PASSWORD}@127.0.0.1/identity"
SECRET_FILES = {
    "key_secret": KEY_SECRET,
    "oidc_client_secret": OIDC_SECRET,
    "identity_database_url": DATABASE_URL,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every secret of identity in a file, as `deploy/secrets.sh` writes them, with RENCANA_ENV=prod."""
    monkeypatch.setenv("RENCANA_ENV", "prod")
    for name, value in SECRET_FILES.items():
        (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.setenv(f"RENCANA_{name}_FILE".upper(), str(tmp_path / name))
        monkeypatch.delenv(f"RENCANA_{name}".upper(), raising=False)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_secrets_are_read_from_files_and_never_shown() -> None:
    settings = load_settings(IdentitySettings)
    assert settings.identity_database_url.get_secret_value() == DATABASE_URL
    assert (settings.key_secrets, settings.oidc_client_secret.get_secret_value()) == (
        (KEY_SECRET,),
        OIDC_SECRET,
    )
    texts = repr(settings) + str(settings) + settings.model_dump_json()
    assert not [secret for secret in (KEY_SECRET, OIDC_SECRET, PASSWORD) if secret in texts]


def _load_with_problems() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        load_settings(IdentitySettings)
    assert not [secret for secret in (KEY_SECRET, OIDC_SECRET, PASSWORD) if secret in str(error.value)]
    return error.value.problems


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"", "it is empty"),
        (b"\n", "it is empty"),
        (b"\xff\xfe" + b"x" * 40, "not UTF-8 text"),
        (b"x" * 40 + b"\n" + b"y" * 40 + b"\n", "it has a second line"),
        (b"x" * 40 + b"\0", "a control character"),
        (b"0123456789abcdef" * (MAX_SECRET_FILE_BYTES // 16 + 1), "it is too large"),
    ],
)
def test_unreadable_file_is_the_only_problem_of_its_secret(
    folder: Path, content: bytes | None, reason: str
) -> None:
    (folder / "key_secret").unlink()
    if content is not None:
        (folder / "key_secret").write_bytes(content)
    (problem,) = _load_with_problems()
    assert problem.startswith("RENCANA_KEY_SECRET cannot be read from ")
    assert reason in problem


def test_folder_instead_of_a_file_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_KEY_SECRET_FILE", str(folder))
    assert "Is a directory" in _load_with_problems()[0]


@pytest.mark.usefixtures("folder")
def test_secret_in_variable_and_file_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_KEY_SECRET", KEY_SECRET)
    assert _load_with_problems() == (
        "RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_FILE are both set: please keep one of them",
    )


def test_every_variable_has_one_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "key_secret").write_text("kurang")
    (folder / "oidc_client_secret").unlink()
    (folder / "identity_database_url").write_text("asyncpg://identity:identity@db/identity")
    monkeypatch.setenv("RENCANA_IDENTITY_PORT", "many")
    monkeypatch.setenv("RENCANA_NOW", "2024-02-01T00:00:00Z")
    monkeypatch.setenv("RENCANA_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0")
    assert sorted(complaint.split()[0].strip(":") for complaint in _load_with_problems()) == [
        "RENCANA_IDENTITY_DATABASE_URL", "RENCANA_IDENTITY_PORT", "RENCANA_KEY_SECRET", "RENCANA_NOW",
        "RENCANA_OIDC_CLIENT_SECRET", "RENCANA_TRUSTED_PROXIES",
    ]  # fmt: skip


def test_two_settings_with_the_same_secret_are_a_problem(folder: Path) -> None:
    (folder / "oidc_client_secret").write_text(PASSWORD)
    (problem,) = _load_with_problems()
    assert problem.startswith(
        "RENCANA_IDENTITY_DATABASE_URL and RENCANA_OIDC_CLIENT_SECRET have the same secret"
    )
