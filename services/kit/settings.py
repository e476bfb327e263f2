"""Secrets from files: `RENCANA_X_FILE` names a file that holds what `RENCANA_X` would, as Docker gives secrets."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BeforeValidator, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.kit.http import is_origin
from services.kit.secret import MINIMUM_PASSWORD, MINIMUM_SECRET, password_of, why_no_database, why_weak

LARGEST_SECRET = 16 * 1024  # bytes


def secrets_of(kind: type[BaseSettings]) -> Iterator[str]:
    """The names of the fields that are secret: `SecretStr`, or that or nothing."""
    for name, field in kind.model_fields.items():
        if field.annotation is SecretStr or SecretStr in get_args(field.annotation):
            yield name


def variable(name: str) -> str:
    """The variable of a field."""
    return f"RENCANA_{name}".upper()


def read_secret_files(kind: type[BaseSettings]) -> tuple[dict[str, str], list[str]]:
    """The values by field, and what is wrong, each sentence beginning with the variable's name."""
    given: dict[str, str] = {}
    wrong: list[str] = []
    for name in secrets_of(kind):
        plain, file = variable(name), f"{variable(name)}_FILE"
        if file not in os.environ:
            continue
        try:
            if plain in os.environ:
                raise ValueError(f"and {file} are both set: please keep one of them")
            given[name] = _secret_in(Path(os.environ[file]))
        except ValueError as error:
            wrong.append(f"{plain} {error}")
    return given, wrong


def _secret_in(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_SECRET + 1)
        text = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"cannot be read from {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"cannot be read from {path}: it is not a text in UTF-8") from None
    if not text or len(content) > LARGEST_SECRET:
        raise ValueError(f"cannot be read from {path}: it is {'too large' if text else 'empty'}")
    return text


# the client as which planning asks identity in development, where nobody registers one
DEV_CLIENT_ID = "00000000-0000-4000-8000-00000000de70"
DEV_CLIENT_SECRET = "dev-only-client-secret-dev-only-client-secret"

MAKE_ONE = "please make one with `openssl rand -hex 32`"

Settings = TypeVar("Settings", bound="CommonSettings")


class SettingsError(Exception):
    """Settings are missing or not allowed here; each problem names its variable, and never shows a value."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def _listed(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]


class CommonSettings(BaseSettings):
    """What every process of the house reads. A `SecretStr` may come from a file too (secret_files.py)."""

    model_config = SettingsConfigDict(env_prefix="RENCANA_", extra="ignore", frozen=True)

    env: Literal["prod", "dev"] = "prod"
    now: AwareDatetime | None = None
    identity_url: str = "http://127.0.0.1:8001"
    identity_issuer: str | None = None
    # whose word about a client's address and scheme (X-Forwarded-…) is believed; nobody's, if not given
    trusted_proxies: Networks = ()
    # where our own web clients stand: their pages may ask both services from a browser
    web_origins: Names = ()

    @property
    def is_dev(self) -> bool:
        """Whether development conveniences may live in this process."""
        return self.env == "dev"

    @property
    def issuer(self) -> str:
        """The `iss` of the tokens that identity signs."""
        return self.identity_issuer or self.identity_url

    def complaints(self) -> Iterator[str]:
        """Why no process may start so; each begins with a variable's name. A service adds its own."""
        if self.now is not None and not self.is_dev:
            yield "RENCANA_NOW stops the clock: it is for RENCANA_ENV=dev only; please remove it"
        if any(network.prefixlen == 0 for network in self.trusted_proxies):
            yield "RENCANA_TRUSTED_PROXIES would trust everybody; please name your proxies' own addresses"
        yield from self._same_secret_twice()
        if not all(map(is_origin, self.web_origins)):
            yield "RENCANA_WEB_ORIGINS must list origins such as https://rencana.example, without a path"
        for origin in self.web_origins:
            yield from self.in_the_clear("web_origins", origin)

    def weak_secret(self, name: str, way_out: str = MAKE_ONE, minimum: int = MINIMUM_SECRET) -> Iterator[str]:
        """In prod a secret that is missing, weak or of development; `name` is its field."""
        weakness = None if self.is_dev else why_weak(self._secret(name), minimum)
        if weakness:
            yield f"{variable(name)} {weakness}; {way_out}; name its file by {variable(name)}_FILE"

    def unfit_database(self, name: str) -> Iterator[str]:
        """The URL of a database that is missing or malformed, or in prod has a weak password."""
        url = self._secret(name)
        if unfit := why_no_database(url):
            yield f"{variable(name)} {unfit}; {self._database_way_out(name)}"
        elif self.is_dev:
            return
        elif (password := password_of(url)) and (weakness := why_weak(password, MINIMUM_PASSWORD)):
            yield f"{variable(name)} has a password that {weakness}; please give its role a better one"

    def _database_way_out(self, name: str) -> str:
        if self.is_dev:
            return "`make run` sets it; `make postgres` starts a private PostgreSQL and prints it"
        return f"please name a file that holds it by {variable(name)}_FILE"

    def stay_home_in_dev(self, name: str) -> Iterator[str]:
        """In dev a host that would show the process to others: its secrets are known to all."""
        if self.is_dev and not is_loopback(getattr(self, name)):
            yield f"{variable(name)} must be 127.0.0.1, ::1 or localhost with RENCANA_ENV=dev"

    def in_the_clear(self, name: str, url: str) -> Iterator[str]:
        """An address of ours, or of the provider, that is not https; `name` is its field."""
        if not (url.startswith("https://") or (self.is_dev and is_loopback_url(url))):
            yield f"{variable(name)} must begin with https:// (in dev, http of this computer will do)"

    def _same_secret_twice(self) -> Iterator[str]:
        users: dict[str, list[str]] = defaultdict(list)
        for name in secrets_of(type(self)):
            secret = self._secret(name)
            users[password_of(secret) if name.endswith("_url") else secret].append(variable(name))
        for secret, (first, *others) in users.items():
            if secret and others and not self.is_dev:
                yield f"{' and '.join([first, *others])} hold the same secret; please make one for each"

    def _secret(self, name: str) -> str:
        value: SecretStr | None = getattr(self, name)
        return value.get_secret_value() if value else ""

    @model_validator(mode="after")
    def _is_fit(self) -> CommonSettings:
        if complaints := list(self.complaints()):
            raise ValueError("\n".join(complaints))
        return self


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether it is an http address of this machine, which no certificate protects, nor needs to."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def load(kind: type[Settings]) -> Settings:
    """Read settings from the environment and files; a SettingsError tells all that is wrong, one for each variable."""
    given, problems = read_secret_files(kind)
    try:
        settings = kind(**given)  # type: ignore[arg-type]  # pydantic makes secrets of the texts
    except ValidationError as error:
        problems += _reasons(error) + _hidden_behind(error, kind, given)
    if problems:
        raise SettingsError(*_one_of_each(problems))
    return settings


def _one_of_each(problems: Iterable[str]) -> Iterable[str]:
    first: dict[str, str] = {}  # a secret whose file cannot be read is not told to be missing as well
    for problem in problems:
        first.setdefault(problem.split()[0].rstrip(":"), problem)
    return first.values()


def _hidden_behind(error: ValidationError, kind: type[CommonSettings], given: Mapping[str, str]) -> list[str]:
    """What pydantic does not tell where a field cannot be read: what is wrong with the settings as a whole."""
    unreadable = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
    defaults = {name: kind.model_fields[name].get_default() for name in unreadable}
    try:
        if unreadable:
            kind(**{**given, **defaults})
    except ValidationError as hidden:
        return _reasons(hidden)
    return []


def _reasons(error: ValidationError) -> list[str]:
    return [line for item in error.errors() for line in _reason(item["loc"], item["msg"]).splitlines()]


def _reason(place: tuple[int | str, ...], message: str) -> str:
    if not place:
        return message.removeprefix("Value error, ")
    if message.startswith("Value error, "):  # a sentence of ours, about one field
        return f"{variable(str(place[0]))} {message.removeprefix('Value error, ')}"
    return f"{variable(str(place[0]))}: {message}"
