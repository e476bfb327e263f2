"""Secrets from files: `RENCANA_X_FILE` names a file that holds what `RENCANA_X` would, as Docker gives secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from pydantic_settings import BaseSettings

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
