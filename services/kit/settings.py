"""Settings from environment variables `RENCANA_X`. A secret may come from a file named by `RENCANA_X_FILE`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.kit.clock import parse_instant
from services.kit.environment_variables import (
    check_spelling,
    read_secret_files,
    secret_fields,
    variable_name,
)
from services.kit.secret import (
    MIN_PASSWORD_LENGTH,
    MIN_SECRET_LENGTH,
    TLS_MODES,
    find_database_url_fault,
    find_secret_weakness,
    get_ssl_mode,
    get_url_password,
)

# an origin as browsers write it: scheme and host in lower case, a port if it is not the usual one
_ORIGIN = re.compile(r"(https?)://[a-z0-9.-]+(:[0-9]{1,5})?")

# The client of planning at identity in development, where nobody registers one.
DEV_CLIENT_ID = "00000000-0000-4000-8000-00000000de70"
DEV_CLIENT_SECRET = "dev-only-client-secret-dev-only-client-secret"

# where Vite serves a web client in development
DEV_ORIGINS = ("http://localhost:5173", "http://127.0.0.1:5173")

GENERATE_SECRET_HINT = "please make one with `openssl rand -hex 32`"

Settings = TypeVar("Settings", bound="CommonSettings")


class SettingsError(Exception):
    """Settings are missing or not allowed. Each problem names its variable and never shows its value."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def _split_list(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


NameList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_list)]
Port = Annotated[int, Field(ge=1, le=65535)]
NetworkList = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split_list)]


def _read_instant(value: object) -> object:
    return parse_instant(value) if isinstance(value, str) else value  # pydantic reads `20240115` as seconds


class CommonSettings(BaseSettings):
    """The settings of every process."""

    model_config = SettingsConfigDict(env_prefix="RENCANA_", extra="ignore", frozen=True)

    env: Literal["prod", "dev"] = "prod"
    now: Annotated[AwareDatetime, BeforeValidator(_read_instant)] | None = None
    identity_url: str = "http://127.0.0.1:8001"
    identity_issuer: str | None = None
    trusted_proxies: NetworkList = ()  # may set X-Forwarded-For and X-Forwarded-Proto
    web_origins: NameList = ()  # of our web clients, which call both services from a browser
    request_seconds: float = Field(10, ge=1, le=60)  # until a request is answered
    # between a signal and the closed port, in which proxies see that `/readyz` fails and send requests elsewhere
    drain_seconds: float = Field(2, ge=0, le=60)

    @property
    def is_dev(self) -> bool:
        """Whether development conveniences are allowed."""
        return self.env == "dev"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins whose pages may call the services: in dev, that of a local web server too."""
        return (*self.web_origins, *DEV_ORIGINS) if self.is_dev else self.web_origins

    @property
    def issuer(self) -> str:
        """The claim `iss` of the tokens that identity signs."""
        return self.identity_issuer or self.identity_url

    def find_problems(self) -> Iterator[str]:
        """Yield the reasons why the process may not start, each beginning with a variable. A service adds its own."""
        if self.now is not None and not self.is_dev:
            yield "RENCANA_NOW freezes the clock and is allowed with RENCANA_ENV=dev only; please remove it"
        if any(network.prefixlen == 0 for network in self.trusted_proxies):
            yield "RENCANA_TRUSTED_PROXIES would trust everybody; please list the addresses of your proxies"
        yield from self._check_distinct_secrets()
        if not is_web_url(self.identity_url):
            yield "RENCANA_IDENTITY_URL must have the form https://host:port, or http inside a private network"
        if not all(map(_ORIGIN.fullmatch, self.web_origins)):
            yield "RENCANA_WEB_ORIGINS must list origins such as https://rencana.example, without a path"
        for origin in self.web_origins:
            yield from self.check_https("web_origins", origin)

    def check_secret(
        self, name: str, hint: str = GENERATE_SECRET_HINT, min_length: int = MIN_SECRET_LENGTH
    ) -> Iterator[str]:
        """Yield the problem of a secret that is missing, weak or known from development, in prod only."""
        weakness = None if self.is_dev else find_secret_weakness(self._secret(name), min_length)
        if weakness:
            yield f"{variable_name(name)} {weakness}; {hint} and set {variable_name(name)}_FILE to its file"

    def check_database_url(self, name: str) -> Iterator[str]:
        """Yield the problem of a database URL that is missing or malformed, or in prod without TLS or weak."""
        url = self._secret(name)
        if fault := find_database_url_fault(url):
            yield f"{variable_name(name)} {fault}; {self._database_url_hint(name)}"
        elif self.is_dev:
            return
        elif not is_loopback(urlsplit(url).hostname or "") and get_ssl_mode(url) not in TLS_MODES:
            yield (
                f"{variable_name(name)} names another machine and must demand TLS; please end it with "
                "?sslmode=verify-full&sslrootcert=FILE, where FILE has the certificate of its authority"
            )
        elif (password := get_url_password(url)) and (
            weakness := find_secret_weakness(password, MIN_PASSWORD_LENGTH)
        ):
            yield f"{variable_name(name)} has a password that {weakness}; please give its role a better one"

    def _database_url_hint(self, name: str) -> str:
        if self.is_dev:
            return "`make run` sets it; `make postgres` starts a private PostgreSQL and prints it"
        return f"please set {variable_name(name)}_FILE to a file that contains it"

    def check_loopback_in_dev(self, name: str) -> Iterator[str]:
        """Yield the problem of a host that other machines reach in dev, where everybody knows the secrets."""
        if self.is_dev and not is_loopback(getattr(self, name)):
            yield f"{variable_name(name)} must be 127.0.0.1, ::1 or localhost with RENCANA_ENV=dev"

    def check_https(self, name: str, url: str) -> Iterator[str]:
        """Yield the problem of an address without TLS. In dev, http on this machine is allowed."""
        if not (url.startswith("https://") or (self.is_dev and is_loopback_url(url))):
            yield f"{variable_name(name)} must begin with https:// (in dev, http on this machine is allowed)"

    def _check_distinct_secrets(self) -> Iterator[str]:
        users: dict[str, list[str]] = defaultdict(list)
        for name in secret_fields(type(self)):
            secret = self._secret(name)
            users[get_url_password(secret) if name.endswith("_url") else secret].append(variable_name(name))
        for secret, (first, *others) in users.items():
            if secret and others and not self.is_dev:
                yield f"{' and '.join([first, *others])} have the same secret; please make one for each"

    def _secret(self, name: str) -> str:
        value: SecretStr | None = getattr(self, name)
        return value.get_secret_value() if value else ""

    @model_validator(mode="after")
    def _raise_problems(self) -> CommonSettings:
        if problems := list(self.find_problems()):
            raise ValueError("\n".join(problems))
        return self


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Return whether a URL is an http address of this machine, which needs no TLS."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def is_web_url(url: str) -> bool:
    """Return whether a URL has the scheme http or https, a host, and a port that exists if it names one."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def load_settings(settings_class: type[Settings]) -> Settings:
    """Read settings from environment variables and files. Raises SettingsError with one problem per variable."""
    if problems := check_spelling(settings_class):
        raise SettingsError(*problems)
    file_values, problems = read_secret_files(settings_class)
    try:
        settings = settings_class(**file_values)  # type: ignore[arg-type]  # pydantic makes secrets of the texts
    except ValidationError as error:
        problems += _list_error_texts(error) + _find_hidden_problems(error, settings_class, file_values)
    if problems:
        raise SettingsError(*_first_per_variable(problems))
    return settings


def _first_per_variable(problems: Iterable[str]) -> Iterable[str]:
    first: dict[str, str] = {}  # a secret whose file cannot be read is not reported as missing as well
    for problem in problems:
        first.setdefault(problem.split()[0].rstrip(":"), problem)
    return first.values()


def _find_hidden_problems(
    error: ValidationError, settings_class: type[CommonSettings], file_values: Mapping[str, str]
) -> list[str]:
    """Return the problems of `find_problems`, which pydantic does not run if a field cannot be parsed."""
    unreadable = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
    defaults = {name: settings_class.model_fields[name].get_default() for name in unreadable}
    try:
        if unreadable:
            settings_class(**{**file_values, **defaults})
    except ValidationError as hidden:
        return _list_error_texts(hidden)
    return []


def _list_error_texts(error: ValidationError) -> list[str]:
    return [line for item in error.errors() for line in _format_error(item["loc"], item["msg"]).splitlines()]


def _format_error(place: tuple[int | str, ...], message: str) -> str:
    if not place:
        return message.removeprefix("Value error, ")
    if message.startswith("Value error, "):  # raised by a validator of a field
        return f"{variable_name(str(place[0]))} {message.removeprefix('Value error, ')}"
    return f"{variable_name(str(place[0]))}: {message}"
