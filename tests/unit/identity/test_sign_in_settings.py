"""Settings of sign-in must be complete and use https."""

from __future__ import annotations

import json

import pytest

from services.identity.settings import IdentitySettings
from services.kit.settings import SettingsError, load_settings

PROD = {
    "RENCANA_ENV": "prod",
    "RENCANA_IDENTITY_DATABASE_URL": "asyncpg://localhost/identity",
    "RENCANA_KEY_SECRET": "a-secret-of-the-tests-of-32-characters-or-more",
    "RENCANA_IDENTITY_ISSUER": "https://masuk.rencana.example",
    "RENCANA_OIDC_ISSUER": "https://accounts.google.com",
    "RENCANA_OIDC_CLIENT_ID": "rencana",
    "RENCANA_OIDC_CLIENT_SECRET": "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-gave",
    "RENCANA_WEB_ORIGINS": "https://rencana.example, https://admin.rencana.example",
    "RENCANA_APPS": json.dumps(
        {"rencana-ponsel": ["id.example.rencana:/masuk", "https://rencana.example/masuk"]}
    ),
}


def settings(monkeypatch: pytest.MonkeyPatch, **changed: str) -> IdentitySettings:
    for name, value in {**PROD, **changed}.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    return load_settings(IdentitySettings)


def test_complete_sign_in_settings_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    result = settings(monkeypatch)
    assert result.web_origins == ("https://rencana.example", "https://admin.rencana.example")
    assert result.apps["rencana-ponsel"][0] == "id.example.rencana:/masuk"
    assert "guru.sd.belajar.id" in result.oidc_hd
    assert "provider-gave" not in repr(result)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RENCANA_OIDC_ISSUER", "http://accounts.example", "RENCANA_OIDC_ISSUER must begin with https://"),
        ("RENCANA_OIDC_ISSUER", "http://127.0.0.1:4000", "RENCANA_OIDC_ISSUER must begin with https://"),
        (
            "RENCANA_IDENTITY_ISSUER",
            "http://masuk.example",
            "RENCANA_IDENTITY_ISSUER must begin with https://",
        ),
        ("RENCANA_IDENTITY_ISSUER", "", "RENCANA_IDENTITY_ISSUER must begin with https://"),
        ("RENCANA_WEB_ORIGINS", "http://rencana.example", "RENCANA_WEB_ORIGINS must begin with https://"),
        ("RENCANA_WEB_ORIGINS", "https://rencana.example/", "RENCANA_WEB_ORIGINS must list origins"),
        ("RENCANA_WEB_ORIGINS", "*", "RENCANA_WEB_ORIGINS must list origins"),
        ("RENCANA_WEB_ORIGINS", "", "RENCANA_WEB_ORIGINS"),
        ("RENCANA_OIDC_CLIENT_ID", "", "RENCANA_OIDC_CLIENT_ID"),
        ("RENCANA_OIDC_CLIENT_SECRET", "", "RENCANA_OIDC_CLIENT_SECRET"),
        ("RENCANA_OIDC_HD", "Belajar.id", "RENCANA_OIDC_HD"),
        ("RENCANA_OIDC_HD", "*", "RENCANA_OIDC_HD"),
        ("RENCANA_APPS", '{"x": ["http://rencana.example/masuk"]}', "RENCANA_APPS"),
        ("RENCANA_APPS", '{"x": ["javascript:alert(1)"]}', "RENCANA_APPS"),
        ("RENCANA_APPS", '{"x": ["rencana:/masuk"]}', "RENCANA_APPS"),
        (
            "RENCANA_APPS",
            f'{{"{"x" * 65}": ["id.example.rencana:/masuk"]}}',
            "RENCANA_APPS must name each app",
        ),
        ("RENCANA_APPS", '{"": ["id.example.rencana:/masuk"]}', "RENCANA_APPS must name each app"),
        ("RENCANA_IDENTITY_ISSUER", "https://masuk.rencana.example/", "RENCANA_IDENTITY_ISSUER must end"),
        ("RENCANA_APPS", '{"x": ["id.example.rencana:/masuk#"]}', "RENCANA_APPS"),
    ],
)
def test_incomplete_or_insecure_sign_in_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message.replace("*", r"\*")) as error:
        settings(monkeypatch, **{name: value})
    assert "provider-gave" not in str(error.value)


def test_dev_accepts_http_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "RENCANA_ENV": "dev", "RENCANA_OIDC_ISSUER": "http://127.0.0.1:4000", "RENCANA_IDENTITY_ISSUER": "",
        "RENCANA_WEB_ORIGINS": "http://localhost:5173",
    }  # fmt: skip
    assert settings(monkeypatch, **environment).oidc_issuer == "http://127.0.0.1:4000"
    with pytest.raises(SettingsError, match="RENCANA_OIDC_ISSUER"):
        settings(monkeypatch, **environment | {"RENCANA_OIDC_ISSUER": "http://accounts.example"})
