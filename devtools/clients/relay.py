"""The documents of a folder, laid out and compiled as Relay demands it.

Relay sends texts of its compiler: each operation without fragments, with the kind in its name, named by its SHA-256.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from devtools.npm import install_packages, run_node

OPERATION = re.compile(r"(query|mutation) (\w+)")
CONFIGURATION = {
    "src": "src",
    "schema": "schema.graphql",
    "language": "typescript",
    "artifactDirectory": "artifacts",
    "eagerEsModules": True,
    "useImportTypeSyntax": True,
    "persistConfig": {"file": "persisted.json", "algorithm": "SHA256"},
}


def compile_documents(documents: Path, schema: Path, node_modules: Path, output: Path) -> int:
    """Compile the documents of a folder into `output`/artifacts. Returns the exit code of relay-compiler."""
    shutil.rmtree(output, ignore_errors=True)
    for folder in ("src", "artifacts"):
        (output / folder).mkdir(parents=True)
    shutil.copy(schema, output / "schema.graphql")
    (output / "relay.config.json").write_text(json.dumps(CONFIGURATION))
    (output / "persisted.json").write_text("{}")
    for file in sorted(documents.rglob("*.graphql")):
        for definition in parse(file.read_text("utf-8")).definitions:
            assert isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
            name, text = lay_out(definition)
            (output / "src" / f"{name}.ts").write_text(
                f'import {{ graphql }} from "relay-runtime";\n\ngraphql`\n{text}\n`;\n'
            )
    compiler = node_modules / ".bin" / "relay-compiler"
    return run_node(compiler, "relay.config.json", "--output", "quiet-with-errors", cwd=output).returncode


def compile_texts(documents: Path, schema: Path) -> dict[str, str]:
    """Return the texts that Relay sends of the documents of a folder, by the names of our operations."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "relay"
        if compile_documents(documents, schema, install_packages(), output):
            raise RuntimeError(f"relay-compiler could not compile {documents}")
        texts = json.loads((output / "persisted.json").read_text("utf-8")).values()
    return {_find_name(text): text for text in texts}


def _find_name(text: str) -> str:
    operation = OPERATION.match(text)
    assert operation
    kind, name = operation.groups()
    return name.removesuffix(kind.capitalize())


def lay_out(definition: OperationDefinitionNode | FragmentDefinitionNode) -> tuple[str, str]:
    """Return the name of the definition's module, and its text.

    Relay wants the kind of an operation in its name. By default it hides the fields of a fragment from the selection
    that spreads it; `mask: false` shows them, because the tests compare whole answers.
    """
    assert definition.name
    name, text = definition.name.value, print_ast(definition)
    for spread in find_spreads(text):
        text = text.replace(f"...{spread}\n", f"...{spread} @relay(mask: false)\n")
    if isinstance(definition, OperationDefinitionNode):
        kind = definition.operation.value
        return f"{name}{kind.capitalize()}", text.replace(
            f"{kind} {name}", f"{kind} {name}{kind.capitalize()}", 1
        )
    return name, text


def find_spreads(text: str) -> set[str]:
    """Return the names of the fragments that a printed document spreads."""
    return {
        line.strip()[3:]
        for line in text.splitlines()
        if line.strip().startswith("...") and " " not in line.strip()
    }
