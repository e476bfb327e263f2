"""The environment variables of settings: their names, secrets in files, and misspelt names."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from pydantic_settings import BaseSettings

logger = logging.getLogger(__name__)

MAX_SECRET_FILE_BYTES = 16 * 1024  # bytes


def secret_fields(settings_class: type[BaseSettings]) -> Iterator[str]:
    """Yield the names of the fields of type SecretStr, optional ones included."""
    for name, field in settings_class.model_fields.items():
        if field.annotation is SecretStr or SecretStr in get_args(field.annotation):
            yield name


def variable_name(name: str) -> str:
    """Return the environment variable of a field."""
    return f"RENCANA_{name}".upper()


def read_secret_files(settings_class: type[BaseSettings]) -> tuple[dict[str, str], list[str]]:
    """Read the secrets that come from files. Returns the values by field, and the problems by variable."""
    values: dict[str, str] = {}
    problems: list[str] = []
    for name in secret_fields(settings_class):
        plain, file = variable_name(name), f"{variable_name(name)}_FILE"
        if file not in os.environ:
            continue
        try:
            if plain in os.environ:
                raise ValueError(f"and {file} are both set: please keep one of them")
            values[name] = _read_secret_file(Path(os.environ[file]))
        except ValueError as error:
            problems.append(f"{plain} {error}")
    return values, problems


def _read_secret_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_FILE_BYTES + 1)
        text = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"cannot be read from {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"cannot be read from {path}: it is not UTF-8 text") from None
    if not text or len(content) > MAX_SECRET_FILE_BYTES:
        raise ValueError(f"cannot be read from {path}: it is {'too large' if text else 'empty'}")
    if not text.isprintable():
        raise ValueError(f"cannot be read from {path}: it has a second line or a control character")
    return text


def check_spelling(settings_class: type[BaseSettings]) -> list[str]:
    """Return the problems of names in small letters, which would count too, and warn of misspelt names."""
    names = set(map(variable_name, settings_class.model_fields))
    names |= {f"{variable_name(name)}_FILE" for name in secret_fields(settings_class)}
    for name in filter(lambda name: name.startswith("RENCANA_"), set(os.environ) - names):
        if close := get_close_matches(name, names - set(os.environ), n=1, cutoff=0.9):
            logger.warning("%s is no setting and is ignored; did you mean %s?", name, close[0])
    return [
        f"{name} must be written in capital letters: {name.upper()}"
        for name in os.environ
        if name.upper() in names and name not in names
    ]
