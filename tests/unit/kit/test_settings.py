from __future__ import annotations

import pytest

from services.identity.settings import IdentitySettings
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
