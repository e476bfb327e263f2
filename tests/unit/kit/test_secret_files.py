"""A secret from a file: read once, told plainly when it cannot be, shown nowhere."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from services.identity.settings import IdentitySettings
from services.kit.settings import MAX_SECRET_FILE_BYTES, SettingsError, load_settings

KEY, ISSUED, PASSWORD = (secrets.token_hex(32) for _ in range(3))
URL = f"asyncpg://identity:{PASSWORD}@127.0.0.1/identity"
FILES = {"key_secret": KEY, "oidc_client_secret": ISSUED, "identity_database_url": URL}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every secret of identity in a file, as `deploy/secrets.sh` writes them, and prod."""
    monkeypatch.setenv("RENCANA_ENV", "prod")
    for name, value in FILES.items():
        (tmp_path / name).write_text(f"{value}\n")
        monkeypatch.setenv(f"RENCANA_{name}_FILE".upper(), str(tmp_path / name))
        monkeypatch.delenv(f"RENCANA_{name}".upper(), raising=False)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_every_secret_comes_from_its_file_and_is_shown_nowhere() -> None:
    settings = load_settings(IdentitySettings)
    assert settings.identity_database_url.get_secret_value() == URL
    assert (settings.sealing_secrets, settings.oidc_client_secret.get_secret_value()) == ((KEY,), ISSUED)
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert not [secret for secret in (KEY, ISSUED, PASSWORD) if secret in shown]


def _complaints() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refusal:
        load_settings(IdentitySettings)
    assert not [secret for secret in (KEY, ISSUED, PASSWORD) if secret in str(refusal.value)]
    return refusal.value.problems


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", "it is empty"),
        (b"\n", "it is empty"),
        (b"\xff\xfe" + b"x" * 40, "not a text in UTF-8"),
        (b"0123456789abcdef" * (MAX_SECRET_FILE_BYTES // 16 + 1), "it is too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_the_one_thing_said_of_its_secret(
    folder: Path, content: bytes | None, said: str
) -> None:
    (folder / "key_secret").unlink()
    if content is not None:
        (folder / "key_secret").write_bytes(content)
    (complaint,) = _complaints()
    assert complaint.startswith("RENCANA_KEY_SECRET cannot be read from ")
    assert said in complaint


def test_a_folder_is_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_KEY_SECRET_FILE", str(folder))
    assert "Is a directory" in _complaints()[0]


@pytest.mark.usefixtures("folder")
def test_a_secret_given_twice_is_refused_rather_than_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_KEY_SECRET", KEY)
    assert _complaints() == (
        "RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_FILE are both set: please keep one of them",
    )


def test_all_that_is_wrong_is_said_at_once_and_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "key_secret").write_text("kurang")
    (folder / "oidc_client_secret").unlink()
    (folder / "identity_database_url").write_text("asyncpg://identity:identity@db/identity")
    monkeypatch.setenv("RENCANA_IDENTITY_PORT", "many")
    monkeypatch.setenv("RENCANA_NOW", "2024-02-01T00:00:00Z")
    monkeypatch.setenv("RENCANA_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0")
    assert sorted(complaint.split()[0].strip(":") for complaint in _complaints()) == [
        "RENCANA_IDENTITY_DATABASE_URL", "RENCANA_IDENTITY_PORT", "RENCANA_KEY_SECRET", "RENCANA_NOW",
        "RENCANA_OIDC_CLIENT_SECRET", "RENCANA_TRUSTED_PROXIES",
    ]  # fmt: skip


def test_a_secret_in_two_places_is_one_leak_for_both(folder: Path) -> None:
    (folder / "oidc_client_secret").write_text(PASSWORD)
    (complaint,) = _complaints()
    assert complaint.startswith(
        "RENCANA_IDENTITY_DATABASE_URL and RENCANA_OIDC_CLIENT_SECRET hold the same secret"
    )
