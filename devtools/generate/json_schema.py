"""docs/schemas: JSON Schemas of definitions, periods and catalogues, for editors that complete and check files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from services.planning.period.catalog import Catalog
from services.planning.period.period_file import PeriodFile
from workflows.files.definition_models import DefinitionModel
from workflows.files.definition_parts import DefinitionPart
from workflows.model.facts import Term


def json_schema(model: type[BaseModel], title: str) -> str:
    """Return the schema of files that this model reads."""
    generator = _DefinitionSchema if issubclass(model, DefinitionPart) else _Schema
    schema = {
        "$schema": GenerateJsonSchema.schema_dialect,
        **model.model_json_schema(schema_generator=generator),
    }
    return json.dumps({**schema, "title": title}, indent=1, ensure_ascii=False) + "\n"


class _Schema(GenerateJsonSchema):
    """Schemas without titles derived from names, and with the meaning of each word of an enumeration."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        result = super().default_schema(schema)
        return {name: value for name, value in result.items() if name != "default" or value is not None}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        result = super().dict_schema(schema)
        return result | ({"additionalProperties": False} if "patternProperties" in result else {})

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        result, keys = super().model_schema(schema), getattr(schema["cls"], "exactly_one", ())
        return result | ({"oneOf": [{"required": [key]} for key in keys]} if keys else {})

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        words = [word for word in schema["members"] if isinstance(word, Term)]
        return {"oneOf": [{"const": word.value, "description": word.meaning} for word in words]}


class _DefinitionSchema(_Schema):
    """Schemas in which a key must have a value, as the reader of definitions requires it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


SCHEMAS: Mapping[str, Callable[[], str]] = {
    "definition": partial(json_schema, DefinitionModel, "A version of a workflow"),
    "period": partial(json_schema, PeriodFile, "A period with its revisions"),
    "catalog": partial(json_schema, Catalog, "A catalogue: the lists that teachers of a period choose from"),
}
