"""JSON Schema of a file, for editors that complete and check while somebody writes."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from workflows.files.parts import Keys
from workflows.model.facts import Term


def json_schema(model: type[BaseModel], title: str) -> str:
    """The schema of a file of this model, as text."""
    generator = _DefinitionSchema if issubclass(model, Keys) else _Schema
    schema = {
        "$schema": GenerateJsonSchema.schema_dialect,
        **model.model_json_schema(schema_generator=generator),
    }
    return json.dumps({**schema, "title": title}, indent=1, ensure_ascii=False) + "\n"


class _Schema(GenerateJsonSchema):
    """Without titles made from names, and with the meaning of each word of a closed list."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {name: value for name, value in made.items() if name != "default" or value is not None}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return made | ({"additionalProperties": False} if "patternProperties" in made else {})

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made, keys = super().model_schema(schema), getattr(schema["cls"], "exactly_one", ())
        return made | ({"oneOf": [{"required": [key]} for key in keys]} if keys else {})

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        words = [word for word in schema["members"] if isinstance(word, Term)]
        return {"oneOf": [{"const": word.value, "description": word.meaning} for word in words]}


class _DefinitionSchema(_Schema):
    """As `Keys` reads: a key without a value is a fault."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])
