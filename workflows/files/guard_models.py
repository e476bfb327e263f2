"""Guards and effects in a definition file: calls of what is registered, and `all`, `any`, `not` over them."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import getdoc
from typing import Annotated, Any

from pydantic import (
    Discriminator,
    Field,
    RootModel,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from typing_extensions import TypeAliasType

from workflows.engine.authority import EFFECTS
from workflows.engine.predicates import PREDICATES, ArgType
from workflows.files.base import NonEmpty
from workflows.files.parts import Argument, DefinitionPart, Name, fault, to_definition
from workflows.model import definition
from workflows.model.facts import HeadKind

COMBINATIONS = {"all": "AllOf", "any": "AnyOf", "not": "Not"}
JSON_TYPES: Mapping[ArgType, dict[str, object]] = {
    ArgType.BOOL: {"type": "boolean"},
    ArgType.INT: {"type": "integer"},
    ArgType.HEAD: {"enum": [kind.value for kind in HeadKind]},
}


class Call(RootModel[dict[Name, dict[Name, Argument]]]):
    """A predicate or an effect: its name, or the name with arguments by name."""

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, value: object) -> object:
        if isinstance(value, list) or (isinstance(value, dict) and len(value) != 1):
            raise fault("definition.guard_expected")
        return value if isinstance(value, dict) else {value: {}}

    @model_serializer(mode="wrap")
    def _shortest(self, handler: SerializerFunctionWrapHandler) -> Any:
        ((name, args),) = handler(self).items()
        return {name: args} if args else name

    def to_definition(self) -> definition.Call:
        """The call in the definition."""
        ((name, args),) = self.root.items()
        return definition.Call(name, tuple((arg, to_definition(value)) for arg, value in args.items()))


def _one_of(calls: Mapping[str, tuple[str, Mapping[str, ArgType]]]) -> WithJsonSchema:
    """What an editor offers: each registered name with its meaning and its arguments."""
    alone = [
        {"const": name, "description": meaning} for name, (meaning, args) in sorted(calls.items()) if not args
    ]
    called = [_call(name, meaning, args) for name, (meaning, args) in sorted(calls.items()) if args]
    return WithJsonSchema({"oneOf": [*alone, *called]})


def _call(name: str, meaning: str, args: Mapping[str, ArgType]) -> dict[str, object]:
    arguments = _mapping({arg: _argument(kind) for arg, kind in args.items()})
    return {**_mapping({name: arguments}), "description": meaning}


def _argument(kind: ArgType) -> dict[str, object]:
    given = _mapping({"param": {"type": "string"}})
    forms = [JSON_TYPES[kind]] if kind in JSON_TYPES else []
    return {"description": kind.meaning, "anyOf": [*forms, *([] if kind is ArgType.HEAD else [given])]}


def _mapping(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


CONDITIONS = {name: (getdoc(one.test) or "", one.args) for name, one in PREDICATES.items()}
Condition = TypeAliasType("Condition", Annotated[Call, _one_of(CONDITIONS)])
Effect = TypeAliasType(
    "Effect", Annotated[Call, _one_of({name: (kind.meaning, kind.args) for name, kind in EFFECTS.items()})]
)


class AllOf(DefinitionPart):
    """Every part must hold."""

    parts: NonEmpty[Guard] = Field(alias="all")


class AnyOf(DefinitionPart):
    """One part must hold."""

    parts: NonEmpty[Guard] = Field(alias="any")


class Not(DefinitionPart):
    """The part must not hold."""

    part: Guard = Field(alias="not")


def _kind(value: object) -> str:
    """The form of a guard, by its only key; brackets keep the names of forms apart from keys."""
    if isinstance(value, DefinitionPart):
        return f"({type(value).__name__})"
    word = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else ""
    return f"({COMBINATIONS.get(word, 'Call')})"


Guard = TypeAliasType(
    "Guard",
    Annotated[
        Annotated[AllOf, Tag("(AllOf)")]
        | Annotated[AnyOf, Tag("(AnyOf)")]
        | Annotated[Not, Tag("(Not)")]
        | Annotated[Condition, Tag("(Call)")],
        Discriminator(_kind),
    ],
)
