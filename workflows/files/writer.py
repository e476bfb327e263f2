"""A definition as YAML again, in the order of the shipped file: what an author changes and proposes.

Comments and the order of params and states are lost, for they mean nothing; the rest loads as the same version.
"""

from __future__ import annotations

import json

import yaml

from workflows.files.models import Definition
from workflows.model import definition
from workflows.model.canonical import canonical


def as_yaml(version: definition.Definition) -> str:
    """Strict YAML that `load` reads as the same version; what has its default is left out."""
    file = Definition.model_validate(json.loads(canonical(version)))
    document = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text: str = yaml.safe_dump(
        document, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )
    return text
