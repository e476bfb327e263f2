"""docs/problems.md: every problem code with its Indonesian and English text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from services.kit.problems import Messages
from services.planning.settings import MESSAGE_FILES
from workflows.model.messages import format_value

# families of codes about a file or a definition; the page lists them last
AUTHOR_FAMILIES = ("file", "catalog", "yaml", "definition", "value", "lint")
HEAD = """# Problems

Every refusal carries a stable `code`, a `message` for people in the language of `Accept-Language` (Indonesian by
default), and the `path` of the field that is wrong. `make schema` writes this page from the message files. `{name}`
is the place of a value. New codes are added. A code never changes its meaning. The texts of `banner`, `history` and
`phrase` inform and refuse nothing. Those of `erase` and `verify` are for the operator.
"""


def problem_page() -> str:
    """Return the page in Markdown: first the codes that clients receive, then those for authors of files."""
    messages = Messages.load(*MESSAGE_FILES, format_value=format_value)
    codes = sorted(messages.texts, key=lambda code: (_family(code) in AUTHOR_FAMILIES, code))
    return HEAD + "".join(
        _section(family, list(group), messages) for family, group in groupby(codes, _family)
    )


def _section(family: str, codes: list[str], messages: Messages) -> str:
    reader = " (for authors of files and definitions)" if family in AUTHOR_FAMILIES else ""
    return f"\n## {family}{reader}\n\n| code | Indonesian | English |\n|---|---|---|\n" + "".join(
        _rows(codes, messages)
    )


def _rows(codes: list[str], messages: Messages) -> Iterator[str]:
    for code in codes:
        texts = messages.texts[code]
        cells = (texts[language].replace("|", "\\|") for language in ("id", "en"))
        yield f"| `{code}` | {' | '.join(cells)} |\n"


def _family(code: str) -> str:
    return code.partition(".")[0]
