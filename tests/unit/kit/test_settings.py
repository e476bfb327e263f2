from __future__ import annotations

import os

import pytest

from services.identity.settings import IdentitySettings
from services.kit.environment_variables import variable_name
from services.kit.settings import CommonSettings, SettingsError, load_settings
from services.planning.settings import PlanningSettings

SECRET = "a-secret-of-the-tests-of-32-characters-or-more"


@pytest.mark.parametrize(
    ("settings_class", "name"),
    [(IdentitySettings, "RENCANA_IDENTITY_HOST"), (PlanningSettings, "RENCANA_PLANNING_HOST")],
)
@pytest.mark.parametrize(
    ("env", "host", "is_allowed"),
    [
        ("dev", "127.0.0.1", True),
        ("dev", "127.8.8.8", True),
        ("dev", "::1", True),
        ("dev", "localhost", True),
        ("dev", "0.0.0.0", False),
        ("dev", "::", False),
        ("dev", "", False),
        ("dev", "192.168.1.5", False),
        ("dev", "sekolah.example", False),
        ("dev", "localhost.example", False),
        ("prod", "0.0.0.0", True),
    ],
)
def test_dev_service_listens_on_loopback_only(
    monkeypatch: pytest.MonkeyPatch,
    settings_class: type[CommonSettings],
    name: str,
    env: str,
    host: str,
    is_allowed: bool,
) -> None:
    environment = {
        "RENCANA_ENV": env,
        name: host,
        "RENCANA_IDENTITY_DATABASE_URL": "asyncpg://localhost/identity",
        "RENCANA_PLANNING_DATABASE_URL": "asyncpg://localhost/planning",
        "RENCANA_KEY_SECRET": SECRET,
    }
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    if is_allowed:
        assert load_settings(settings_class).env == env
    else:
        with pytest.raises(SettingsError, match=name):
            load_settings(settings_class)


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_ENV", "dev")
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", "asyncpg://localhost/identity")


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("RENCANA_IDENTITY_DATABASE_URL", "asyncpg://localhost/identity ", "contains a space"),
        ("RENCANA_IDENTITY_DATABASE_URL", "asyncpg://localhost/iden\ntity", "a line break"),
        ("RENCANA_IDENTITY_URL", "identity:8001", "must have the form https://host:port"),
        ("RENCANA_IDENTITY_URL", "http://identity:99999", "must have the form https://host:port"),
        ("RENCANA_IDENTITY_PORT", "99999", "less than or equal to 65535"),
        ("RENCANA_IDENTITY_PORT", "0", "greater than or equal to 1"),
        ("rencana_env", "prod", "rencana_env must be written in capital letters: RENCANA_ENV"),
    ],
)
def test_doubtful_setting_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings(IdentitySettings)
    (only,) = error.value.problems
    assert only.startswith(name)
    assert problem in only


@pytest.mark.usefixtures("complete")
def test_misspelt_name_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RENCANA_OIDC_HDS", "sekolah.id")
    monkeypatch.setenv(
        "RENCANA_PLANNING_DATABASE_URL", "asyncpg://localhost/planning"
    )  # of the other service
    load_settings(IdentitySettings)
    assert [record.getMessage() for record in caplog.records] == [
        "RENCANA_OIDC_HDS is no setting and is ignored; did you mean RENCANA_OIDC_HD?"
    ]


@pytest.mark.parametrize("settings_class", [IdentitySettings, PlanningSettings])
def test_names_of_the_other_service_are_not_taken_for_misspelt_ones(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings_class: type[CommonSettings]
) -> None:
    other = PlanningSettings if settings_class is IdentitySettings else IdentitySettings
    monkeypatch.setattr(os, "environ", dict.fromkeys(map(variable_name, other.model_fields), ""))
    with pytest.raises(SettingsError):
        load_settings(settings_class)
    assert not caplog.records
