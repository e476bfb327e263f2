from __future__ import annotations

import pytest

from services.identity.settings import IdentitySettings
from services.kit.settings import CommonSettings, SettingsError, load_settings
from services.planning.settings import PlanningSettings

SECRET = "a-secret-of-the-tests-of-32-characters-or-more"


@pytest.mark.parametrize(
    ("kind", "name"),
    [(IdentitySettings, "RENCANA_IDENTITY_HOST"), (PlanningSettings, "RENCANA_PLANNING_HOST")],
)
@pytest.mark.parametrize(
    ("env", "host", "starts"),
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
def test_dev_listens_to_this_computer_only(
    monkeypatch: pytest.MonkeyPatch, kind: type[CommonSettings], name: str, env: str, host: str, starts: bool
) -> None:
    given = {
        "RENCANA_ENV": env,
        name: host,
        "RENCANA_IDENTITY_DATABASE_URL": "asyncpg://localhost/identity",
        "RENCANA_PLANNING_DATABASE_URL": "asyncpg://localhost/planning",
        "RENCANA_KEY_SECRET": SECRET,
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    if starts:
        assert load_settings(kind).env == env
    else:
        with pytest.raises(SettingsError, match=name):
            load_settings(kind)
