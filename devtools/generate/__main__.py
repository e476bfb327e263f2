"""`python -m devtools.generate`: write every file that is derived from the code (`make schema`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from devtools.generate.events import event_page
from devtools.generate.json_schema import SCHEMAS
from devtools.generate.problems import problem_page
from devtools.generate.schema_reference import mutation_page, query_page, type_page
from devtools.generate.trusted_documents import trusted_documents
from devtools.generate.workflow_format import workflow_format_page
from services.planning.api.schema import sdl

CHECKOUT = Path(__file__).parents[2]

# the path of each file in the checkout, and the function that returns its text
FILES: Mapping[str, Callable[[], str]] = {
    "graphql/planning.graphql": sdl,
    "graphql/trusted_documents.json": trusted_documents,
    "docs/problems.md": problem_page,
    "docs/events.md": event_page,
    "docs/workflow-format.md": workflow_format_page,
    "docs/reference/queries.md": query_page,
    "docs/reference/mutations.md": mutation_page,
    "docs/reference/types.md": type_page,
    **{f"docs/schemas/{name}.schema.json": schema for name, schema in SCHEMAS.items()},
}


def main() -> None:
    """Write the files and print their names."""
    for name, text in FILES.items():
        (CHECKOUT / name).write_text(text(), "utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
