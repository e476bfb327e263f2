"""What compose.yaml and the Dockerfile say, read strictly, for tests of them and for running what they would run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
IMAGE = (ROOT / "Dockerfile").read_text("utf-8")

Service = dict[str, Any]


class _Strict(yaml.SafeLoader):
    """No key twice in one mapping; merges (`<<`) as compose reads them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if len(keys) != len(set(keys)):
            raise ValueError(f"a key is repeated{node.start_mark}")
        return super().construct_mapping(node, deep)


def load_compose() -> dict[str, Any]:
    """The whole of compose.yaml; ValueError where it says something twice."""
    read: dict[str, Any] = yaml.load((ROOT / "compose.yaml").read_text("utf-8"), _Strict)
    return read


SERVICES: dict[str, Service] = load_compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build") == "."}


def instructions(name: str) -> list[str]:
    """The arguments of each instruction of this name in the Dockerfile, in order."""
    return re.findall(rf"^{name} (.*)$", IMAGE, re.MULTILINE)


def list_copied_files() -> list[str]:
    """What the Dockerfile takes from the checkout."""
    words = [shlex.split(line) for line in instructions("COPY")]
    return [source for line in words if not line[0].startswith("--from") for source in line[:-1]]
