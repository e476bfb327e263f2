"""What the models of all files share: known keys only, strict values, and findings with line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from workflows.files.reader import Document
from workflows.model.definition import Path
from workflows.model.findings import DefinitionError, Finding

Item = TypeVar("Item")
Model = TypeVar("Model", bound=BaseModel)

# Pydantic's words for a value of another kind whose message needs a parameter of ours.
UNKNOWN_KEY, NOT_EXACTLY_ONE, NOT_SCALAR = "unknown_key", "not_exactly_one", "no_scalar"


def _written_as(pattern: str) -> BeforeValidator:
    # Pydantic also reads numbers, and texts of digits, as seconds since 1970, and midnights as days.
    def check(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        raise PydanticCustomError("date_type", "a day such as 2024-01-31")

    return BeforeValidator(check)


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    # Pydantic's `min_length` counts sound items only, and would find a list too short that has one with a fault.
    if not items:
        raise PydanticCustomError("too_short", "one item or more")
    return items


def _scalar(value: object) -> object:
    if isinstance(value, bool | int | str):
        return value
    raise PydanticCustomError(NOT_SCALAR, "true, false, a whole number or a text")


StrictInt = Annotated[int, Strict()]
StrictBool = Annotated[bool, Strict()]
Scalar = Annotated[StrictBool | StrictInt | str, BeforeValidator(_scalar)]
IsoDate = Annotated[date, _written_as(r"\d{4}-\d\d-\d\d")]
IsoInstant = Annotated[AwareDatetime, _written_as(r"\d{4}-\d\d-\d\d[T ].+")]
NonEmpty = Annotated[tuple[Item, ...], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]


class FileModel(BaseModel):
    """A mapping of a file. An unknown key is a fault that names the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    exactly_one: ClassVar[tuple[str, ...]] = ()  # of these keys

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        faults: list[InitErrorDetails] = []
        if cls.exactly_one and isinstance(value, dict) and sum(key in value for key in cls.exactly_one) != 1:
            faults.append(_fault(NOT_EXACTLY_ONE, (), value, {"known": cls.exactly_one}))
        try:
            model = handler(value)
        except ValidationError as error:
            faults += map(cls._name_known_keys, error.errors(include_url=False))
        else:
            if not faults:
                return model
        raise ValidationError.from_exception_data(cls.__name__, faults)

    @classmethod
    def _name_known_keys(cls, error: ErrorDetails) -> InitErrorDetails:
        kind, context = error["type"], error.get("ctx", {})
        if kind == "extra_forbidden":
            kind, context = UNKNOWN_KEY, {"known": cls.keys()}
        return _fault(kind, error["loc"], error["input"], context)

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys as a file writes them."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


def _fault(kind: str, place: Path, value: Any, context: dict[str, Any]) -> InitErrorDetails:
    return {"type": PydanticCustomError(kind, kind, context), "loc": place, "input": value}


def validate(model: type[Model], document: Document, codes: Mapping[str, str], default_code: str) -> Model:
    """The model of a document. Raises `DefinitionError` with every fault, in the order of the file.

    `codes` turns pydantic's kinds of errors into codes of findings, `otherwise` stands for all others; a kind with a
    dot is a code already. Parameters: `key` and `known` for keys, `value`, and what pydantic tells (`expected`).
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        findings = _findings(error.errors(include_url=False), document, codes, default_code)
        raise DefinitionError(sorted(findings, key=lambda one: (one.line or 0, one.column or 0))) from None


def _findings(
    errors: Iterable[ErrorDetails], document: Document, codes: Mapping[str, str], otherwise: str
) -> Iterator[Finding]:
    for error in errors:
        kind, place = error["type"], error["loc"]
        path = _path(place, document)
        code = kind if "." in kind else codes.get(kind, otherwise)
        params = {"value": error["input"], **error.get("ctx", {})}
        if kind in ("missing", UNKNOWN_KEY):
            params["key"] = place[-1]
        if "expected" in params:
            params["known"] = str(params["expected"]).replace("'", "").replace(" or ", ", ")
        line, column = document.positions[path]
        yield Finding(code, path, params, line, column)


def _path(place: Path, document: Document) -> Path:
    """The steps of an error's place that the file has; the others name an alternative or an absent key."""
    path: Path = ()
    for step in place:
        if (*path, step) in document.positions:
            path = (*path, step)
    return path
