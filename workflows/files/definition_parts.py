"""Parts that occur in many places of a definition file: names, texts, labels, arguments, guards and effects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from inspect import getdoc
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from workflows.engine.effects import EFFECTS
from workflows.engine.predicates import PREDICATES, ArgType
from workflows.files.base import FileModel, NonEmpty, Scalar, StrictInt
from workflows.model import contract, definition
from workflows.model.facts import HeadKind

NAME = re.compile("[a-z][a-z0-9_]{0,59}", re.ASCII)
# The machine keeps the state in an attribute `state`, so the library refuses a trigger of this name.
EVENT = re.compile("(?!state$)[a-z][A-Za-z0-9]{0,59}", re.ASCII)
TEXT_LIMIT = 200  # characters of a label, so that it fits a screen


def fault(code: str, params: Mapping[str, object] | None = None) -> PydanticCustomError:
    """Return a validation error whose type is a code of ours."""
    return PydanticCustomError(code, "fault", dict(params or {}))


def file_key(holds: str, meaning: str, **rules: Any) -> Any:
    """Declare a key of a file: the kind of value it holds, and what the value means."""
    return Field(title=holds, description=meaning, **rules)


def name_rules(pattern: re.Pattern[str]) -> tuple[object, ...]:
    """Return the validator of a technical name, and its JSON Schema."""

    def check(value: object) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise fault("definition.bad_name", {"value": value})

    return BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern.pattern})$"})


_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols that fonts show as nothing


def _check_text(value: object) -> str:
    if isinstance(value, str) and len(value) <= TEXT_LIMIT and value.isprintable() and _is_visible(value):
        return value
    raise fault("definition.text_expected", {"limit": TEXT_LIMIT})


def _is_visible(text: str) -> bool:
    # marks such as U+FE0F are printable, and show nothing without a letter
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _FILLERS for one in text)


def _check_unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise fault("definition.twice", {"names": names})
    return names


def _dataclass_name(model: type) -> str:
    return model.__name__.removesuffix("Model")


class DefinitionPart(FileModel):
    """A mapping in a definition file. `ParamModel` has the fields of the dataclass `Param`, and so on."""

    model_config = ConfigDict(model_title_generator=_dataclass_name)

    @field_validator("*", mode="before")
    @classmethod
    def _check_value(cls, value: object) -> object:
        if value is None:
            raise fault("definition.no_value")
        return value

    def definition_fields(self) -> dict[str, Any]:
        """Return the fields of the dataclass."""
        return {name: convert(value) for name, value in self}

    def to_definition(self, **more: object) -> Any:
        """Return the dataclass."""
        name = _dataclass_name(type(self))
        dataclass = getattr(definition if hasattr(definition, name) else contract, name)
        return dataclass(**self.definition_fields(), **more)


def convert(value: Any) -> Any:
    """Return a value as the definition holds it. The entries of a mapping get their key as `name`."""
    if isinstance(value, BaseModel):
        return value.to_definition()  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return tuple(item.to_definition(name=name) for name, item in value.items())
    return tuple(map(convert, value)) if isinstance(value, tuple) else value


Name = Annotated[str, *name_rules(NAME)]
Text = Annotated[str, BeforeValidator(_check_text), Field(json_schema_extra={"maxLength": TEXT_LIMIT})]
Names = Annotated[
    NonEmpty[Name],
    AfterValidator(_check_unique),
    BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value,
        json_schema_input_type=Name | NonEmpty[Name],
    ),
]


class LabelModel(DefinitionPart):
    """A label."""

    id: Text = file_key("a text", "In Indonesian.")
    en: Text = file_key("a text", "In English.")


class ParamRefModel(DefinitionPart):
    """An argument from the period."""

    name: Name = file_key("the name of a parameter", "Its value, read at each decision.", alias="param")


# Discriminators choose the form of a value first, so that an error is reported once and not for each form. The
# brackets of the tags keep them apart from keys.
ARGUMENT_FORM = Discriminator(
    lambda value: "(param)" if isinstance(value, dict | ParamRefModel) else "(value)"
)
Argument = Annotated[
    Annotated[ParamRefModel, Tag("(param)")] | Annotated[Scalar, Tag("(value)")], ARGUMENT_FORM
]
Days = Annotated[
    Annotated[ParamRefModel, Tag("(param)")] | Annotated[StrictInt, Tag("(value)")], ARGUMENT_FORM
]


class CallModel(RootModel[dict[Name, dict[Name, Argument]]]):
    """A predicate or an effect: its name, or the name with arguments by name."""

    @model_validator(mode="before")
    @classmethod
    def _expand_name(cls, value: object) -> object:
        if isinstance(value, list) or (isinstance(value, dict) and len(value) != 1):
            raise fault("definition.guard_expected")
        return value if isinstance(value, dict) else {value: {}}

    @model_serializer(mode="wrap")
    def _shorten(self, handler: SerializerFunctionWrapHandler) -> Any:
        ((name, args),) = handler(self).items()
        return {name: args} if args else name

    def to_definition(self) -> definition.Call:
        """Return the call of the definition."""
        ((name, args),) = self.root.items()
        return definition.Call(name, tuple((arg, convert(value)) for arg, value in args.items()))


JSON_TYPES: Mapping[ArgType, dict[str, object]] = {
    ArgType.BOOL: {"type": "boolean"},
    ArgType.INT: {"type": "integer"},
    ArgType.HEAD: {"enum": [kind.value for kind in HeadKind]},
}


def _calls_schema(calls: Mapping[str, tuple[str, Mapping[str, ArgType]]]) -> WithJsonSchema:
    """Return the JSON Schema of registered calls, given the meaning and the arguments of each."""
    names = [
        {"const": name, "description": meaning} for name, (meaning, args) in sorted(calls.items()) if not args
    ]
    objects = []
    for name, (meaning, args) in sorted(calls.items()):
        if args:
            arguments = _object_schema({arg: _argument_schema(arg_type) for arg, arg_type in args.items()})
            objects.append({**_object_schema({name: arguments}), "description": meaning})
    return WithJsonSchema({"oneOf": [*names, *objects]})


def _argument_schema(arg_type: ArgType) -> dict[str, object]:
    forms = [JSON_TYPES[arg_type]] if arg_type in JSON_TYPES else []
    if arg_type is not ArgType.HEAD:
        forms.append(_object_schema({"param": {"type": "string"}}))
    return {"description": arg_type.meaning, "anyOf": forms}


def _object_schema(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


CONDITIONS = {name: (getdoc(predicate.test) or "", predicate.args) for name, predicate in PREDICATES.items()}
Condition = TypeAliasType("Condition", Annotated[CallModel, _calls_schema(CONDITIONS)])
EFFECT_CALLS = {name: (kind.meaning, kind.args) for name, kind in EFFECTS.items()}
Effect = TypeAliasType("Effect", Annotated[CallModel, _calls_schema(EFFECT_CALLS)])


class AllOfModel(DefinitionPart):
    """Every part must hold."""

    parts: NonEmpty[Guard] = Field(alias="all")


class AnyOfModel(DefinitionPart):
    """One part must hold."""

    parts: NonEmpty[Guard] = Field(alias="any")


class NotModel(DefinitionPart):
    """The part must not hold."""

    part: Guard = Field(alias="not")


def _guard_form(value: object) -> str:
    """Return the tag of a guard's form, by its only key."""
    if isinstance(value, DefinitionPart):
        return f"({_dataclass_name(type(value))})"
    key = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else ""
    return {"all": "(AllOf)", "any": "(AnyOf)", "not": "(Not)"}.get(key, "(Call)")


Guard = TypeAliasType(
    "Guard",
    Annotated[
        Annotated[AllOfModel, Tag("(AllOf)")]
        | Annotated[AnyOfModel, Tag("(AnyOf)")]
        | Annotated[NotModel, Tag("(Not)")]
        | Annotated[Condition, Tag("(Call)")],
        Discriminator(_guard_form),
    ],
)
