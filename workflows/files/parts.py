"""What occurs in many places of a definition file: names, texts, labels, arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from workflows.files.base import FileModel, NonEmpty, Scalar, StrictInt
from workflows.model import definition

NAME = re.compile("[a-z][a-z0-9_]{0,59}", re.ASCII)
TEXT_LIMIT = 200  # characters of a label; a screen shows no more


def fault(code: str, params: Mapping[str, object] | None = None) -> PydanticCustomError:
    """A fault with a code of ours."""
    return PydanticCustomError(code, "fault", dict(params or {}))


def file_key(holds: str, meaning: str, **rules: Any) -> Any:
    """A key of a file: the kind of value it holds, and what that means."""
    return Field(title=holds, description=meaning, **rules)


def name_rules(pattern: re.Pattern[str]) -> tuple[object, ...]:
    """How a technical name is checked, and the pattern for editors."""

    def check(value: object) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise fault("definition.bad_name", {"value": value})

    return BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern.pattern})$"})


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= TEXT_LIMIT and value.isprintable():
        return value
    raise fault("definition.text_expected", {"limit": TEXT_LIMIT})


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise fault("definition.twice", {"names": names})
    return names


class DefinitionPart(FileModel):
    """A mapping of a definition file. It has the name and the fields of the dataclass that it builds."""

    @field_validator("*", mode="before")
    @classmethod
    def _has_value(cls, value: object) -> object:
        if value is None:
            raise fault("definition.no_value")
        return value

    def definition_fields(self) -> dict[str, Any]:
        """The fields, each as the definition holds it."""
        return {name: to_definition(value) for name, value in self}

    def to_definition(self, **more: object) -> Any:
        """This part of the definition."""
        return getattr(definition, type(self).__name__)(**self.definition_fields(), **more)


def to_definition(value: Any) -> Any:
    """A value as the definition holds it; entries of a mapping get their key as `name`."""
    if isinstance(value, BaseModel):
        return value.to_definition()  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return tuple(item.to_definition(name=name) for name, item in value.items())
    return tuple(map(to_definition, value)) if isinstance(value, tuple) else value


Name = Annotated[str, *name_rules(NAME)]
Text = Annotated[str, BeforeValidator(_text), Field(json_schema_extra={"maxLength": TEXT_LIMIT})]
Names = Annotated[
    NonEmpty[Name],
    AfterValidator(_each_once),
    BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value,
        json_schema_input_type=Name | NonEmpty[Name],
    ),
]


class Label(DefinitionPart):
    """A label."""

    id: Text = file_key("a text", "In Indonesian.")
    en: Text = file_key("a text", "In English.")


class ParamRef(DefinitionPart):
    """An argument from the period."""

    name: Name = file_key("the name of a parameter", "Its value, read at each decision.", alias="param")


# One look at a value chooses its form, so that a fault is reported once, not for each form. Brackets keep the names
# of forms apart from keys.
BY_FORM = Discriminator(lambda value: "(param)" if isinstance(value, dict | ParamRef) else "(value)")
Argument = Annotated[Annotated[ParamRef, Tag("(param)")] | Annotated[Scalar, Tag("(value)")], BY_FORM]
Days = Annotated[Annotated[ParamRef, Tag("(param)")] | Annotated[StrictInt, Tag("(value)")], BY_FORM]
