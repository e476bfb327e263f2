"""docs/problems.md: every problem code of both services with its Indonesian and English text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from services.identity.settings import MESSAGE_FILES as IDENTITY_FILES
from services.kit.problems import Messages
from services.planning.settings import MESSAGE_FILES as PLANNING_FILES
from workflows.model.messages import format_value

# families of codes about a file or a definition; the page lists them last
AUTHOR_FAMILIES = ("file", "catalog", "yaml", "definition", "value", "lint")
HEAD = """# Problems

Every refusal carries a stable `code`, a `message` for people in the language of `Accept-Language` (Indonesian by
default), and the `path` of the field that is wrong. `make schema` writes this page from the message files. `{name}`
is the place of a value. New codes are added. A code never changes its meaning. The texts of `banner`, `history` and
`phrase` inform and refuse nothing. Those of `erase` and `verify` are for the operator.

The codes of planning come first, then [those of identity](#codes-of-identity).
"""
IDENTITY_HEAD = """
## Codes of identity

Signing in, tokens, clients, accounts, and data of the registry. The texts of `head` give the evidence about the head
of a school and refuse nothing.
"""


def problem_page() -> str:
    """Return the page in Markdown: the codes of planning, those of its authors of files, and those of identity."""
    identity = _sections(IDENTITY_FILES, "### identity: ")
    return HEAD + _sections(PLANNING_FILES, "## ") + IDENTITY_HEAD + identity


def _sections(files: Sequence[Path], heading: str) -> str:
    messages = Messages.load(*files, format_value=format_value)
    codes = sorted(messages.texts, key=lambda code: (_family(code) in AUTHOR_FAMILIES, code))
    return "".join(
        f"\n{heading}{_title(family)}\n\n| code | Indonesian | English |\n|---|---|---|\n"
        + "".join(_rows(group, messages))
        for family, group in groupby(codes, _family)
    )


def _title(family: str) -> str:
    return f"{family} (for authors of files and definitions)" if family in AUTHOR_FAMILIES else family


def _rows(codes: Iterator[str], messages: Messages) -> Iterator[str]:
    for code in codes:
        texts = messages.texts[code]
        cells = (texts[language].replace("|", "\\|") for language in ("id", "en"))
        yield f"| `{code}` | {' | '.join(cells)} |\n"


def _family(code: str) -> str:
    return code.partition(".")[0]
