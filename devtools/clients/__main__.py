"""`python -m devtools.clients lint` checks the contract; `build` generates the clients from its documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from graphql import GraphQLObjectType, build_schema

from devtools.clients.python import generate_client, install_tools
from devtools.clients.relay import compile_documents
from devtools.clients.typescript import sort_fragments
from devtools.npm import CHECKOUT, install_packages, run_node
from devtools.release import RELEASED

SCHEMA = CHECKOUT / "graphql" / "planning.graphql"
FOLDERS = tuple(CHECKOUT / "graphql" / "operations" / name for name in ("web", "mobile", "partner", "admin"))
BUILD = CHECKOUT / "build" / "clients"
TYPESCRIPT = CHECKOUT / "clients" / "typescript"


def find_stale_value_types() -> list[str]:
    """Return the types that value_types.json lists and that have an id, or do not exist."""
    schema = build_schema(SCHEMA.read_text("utf-8"))
    names = json.loads(Path(__file__).with_name("value_types.json").read_text("utf-8"))
    kinds = {name: schema.type_map.get(name) for name in names}
    return [
        name for name, kind in kinds.items() if not isinstance(kind, GraphQLObjectType) or "id" in kind.fields
    ]


def lint(node_modules: Path) -> Iterator[tuple[str, int]]:
    """Check the SDL and the documents. Yields each check and its exit code."""
    stale = find_stale_value_types()
    yield f"value_types.json {' '.join(stale)}", len(stale)
    programs = node_modules / ".bin"
    configuration = Path(__file__).with_name("eslint.config.mjs")
    yield "graphql-eslint", run_node(programs / "eslint", "--config", configuration, "graphql").returncode
    for folder in FOLDERS:
        documents = f"{folder.relative_to(CHECKOUT)}/**/*.graphql"
        command = (programs / "graphql-inspector", "validate", documents, SCHEMA)
        yield f"graphql-inspector {folder.name}", run_node(*command).returncode
    if (released := CHECKOUT / RELEASED).exists():  # the first release makes it
        # tests/contract/test_evolution.py looks at the day of a removal
        rule = ("--rule", "suppressRemovalOfDeprecatedField")
        code = run_node(programs / "graphql-inspector", "diff", released, SCHEMA, *rule).returncode
        yield "graphql-inspector diff", code


def build(node_modules: Path) -> Iterator[tuple[str, int]]:
    """Generate the clients. Yields each generator and its exit code."""
    install_tools()
    command = (node_modules / ".bin" / "graphql-codegen", "--config", Path(__file__).with_name("codegen.mjs"))
    yield "graphql-codegen", run_node(*command).returncode
    for folder in FOLDERS:
        sort_fragments(TYPESCRIPT / "src" / folder.name / "graphql.ts")
    yield "tsc", run_node(node_modules / ".bin" / "tsc", "--project", TYPESCRIPT).returncode
    for folder in FOLDERS:
        output = BUILD / "relay" / folder.name
        yield f"relay-compiler {folder.name}", compile_documents(folder, SCHEMA, node_modules, output)
        yield f"ariadne-codegen {folder.name}", generate_client(folder, SCHEMA, BUILD / "ariadne")


TASKS: dict[str, Callable[[Path], Iterator[tuple[str, int]]]] = {"lint": lint, "build": build}


def main() -> None:
    """Run a task to its end, and exit with 1 if a part of it failed."""
    results = list(TASKS[sys.argv[1]](install_packages(all_groups=True)))
    for name, code in results:
        print(f"{'failed' if code else 'passed'}  {name}")
    sys.exit(any(code for _, code in results))


if __name__ == "__main__":
    main()
