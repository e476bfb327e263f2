"""What the models of all files share: strict types, known keys only, and findings with line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

# Error types of our own, beside those of pydantic.
UNKNOWN_KEY, NOT_EXACTLY_ONE, NOT_SCALAR = "unknown_key", "not_exactly_one", "no_scalar"


def _match(pattern: str) -> BeforeValidator:
    # Pydantic would also read numbers, and texts of digits, as seconds since 1970, and midnights as days.
    def check(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        raise PydanticCustomError("date_type", "a day such as 2024-01-31")

    return BeforeValidator(check)


def _check_not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    # Pydantic's `min_length` counts valid items only, so it would call a list with one invalid item too short.
    if not items:
        raise PydanticCustomError("too_short", "one item or more")
    return items


def _check_scalar(value: object) -> object:
    if isinstance(value, bool | int | str):
        return value
    raise PydanticCustomError(NOT_SCALAR, "true, false, a whole number or a text")


StrictInt = Annotated[int, Strict()]
StrictBool = Annotated[bool, Strict()]
Scalar = Annotated[StrictBool | StrictInt | str, BeforeValidator(_check_scalar)]
IsoDate = Annotated[date, _match(r"\d{4}-\d\d-\d\d")]
IsoInstant = Annotated[AwareDatetime, _match(r"\d{4}-\d\d-\d\d[T ].+")]
NonEmpty = Annotated[
    tuple[Item, ...], AfterValidator(_check_not_empty), Field(json_schema_extra={"minItems": 1})
]


class FileModel(BaseModel):
    """A mapping in a file. Refuses unknown keys, and names the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    exactly_one: ClassVar[tuple[str, ...]] = ()  # keys of which exactly one is required

    @model_validator(mode="wrap")
    @classmethod
    def _collect_errors(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        errors: list[InitErrorDetails] = []
        if cls.exactly_one and isinstance(value, dict) and sum(key in value for key in cls.exactly_one) != 1:
            errors.append(_build_error(NOT_EXACTLY_ONE, (), value, {"known": cls.exactly_one}))
        try:
            model = handler(value)
        except ValidationError as error:
            errors += map(cls._add_known_keys, error.errors(include_url=False))
        else:
            if not errors:
                return model
        raise ValidationError.from_exception_data(cls.__name__, errors)

    @classmethod
    def _add_known_keys(cls, error: ErrorDetails) -> InitErrorDetails:
        kind, context = error["type"], error.get("ctx", {})
        if kind == "extra_forbidden":
            kind, context = UNKNOWN_KEY, {"known": cls.keys()}
        return _build_error(kind, error["loc"], error["input"], context)

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys as a file has them."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


def _build_error(kind: str, path: Path, value: Any, context: dict[str, Any]) -> InitErrorDetails:
    return {"type": PydanticCustomError(kind, kind, context), "loc": path, "input": value}


def validate(model: type[Model], document: Document, codes: Mapping[str, str], default_code: str) -> Model:
    """Return the model of a document. Raises DefinitionError with every finding, in the order of the file.

    `codes` maps pydantic's error types to codes of findings; a type with a dot is a code already. The parameters of a
    finding are `value`, for keys `key` and `known`, and those of pydantic (`expected`).
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    findings = [_build_finding(detail, document, codes, default_code) for detail in details]
    raise DefinitionError(sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0)))


def _build_finding(
    error: ErrorDetails, document: Document, codes: Mapping[str, str], default_code: str
) -> Finding:
    kind, path = error["type"], _find_path(error["loc"], document)
    params = {"value": error["input"], **error.get("ctx", {})}
    if kind in ("missing", UNKNOWN_KEY):
        params["key"] = error["loc"][-1]
    if "expected" in params:
        params["known"] = str(params["expected"]).replace("'", "").replace(" or ", ", ")
    code = kind if "." in kind else codes.get(kind, default_code)
    return Finding(code, path, params, *document.positions[path])


def _find_path(location: Path, document: Document) -> Path:
    """Return the steps of an error's location that the file has. Others name a union member or an absent key."""
    path: Path = ()
    for step in location:
        if (*path, step) in document.positions:
            path = (*path, step)
    return path
