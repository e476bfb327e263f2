"""One row from outside into a model, or every reason why not."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.identity.domain.envelope import Place
from services.identity.domain.json_input import Json
from services.kit.problem import Problem, Refused

Model = TypeVar("Model", bound=BaseModel)


def read_row(model: type[Model], row: Json, place: Place) -> Model:
    """`row` as `model`; Refused tells each wrong field by code and place, and never its value."""
    if not isinstance(row, dict):
        raise Refused(Problem("row.not_an_object", path=place))
    try:
        return model.model_validate(row)
    except ValidationError as error:
        # `from None`, and only code and place: a pydantic error holds what was given, that is personal data
        raise Refused(
            [
                Problem(
                    "field.missing" if item["type"] == "missing" else item["type"],
                    {"field": str(item["loc"][0])},
                    (*place, *(str(part) for part in item["loc"])),
                )
                for item in error.errors(include_url=False, include_input=False, include_context=False)
            ]
        ) from None
