"""docs/problems.md: every code with its two sentences, made from the message files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from services.kit.problems import Messages

TO_AUTHORS = ("file", "catalog", "yaml", "definition", "value", "lint")
HEAD = """# Problems

Every refusal carries a stable `code`, a `message` for people in the language of `Accept-Language` (Indonesian unless
English is asked for first), and the `path` of the field it is about. This page is made from the message files by
`rencana schema problems`; `{name}` stands for a value. Codes are added, never reused for another meaning.
`banner`, `history` and `phrase` only tell; `erase` and `verify` speak to the operator.
"""


def problem_list(messages: Messages) -> str:
    """The page in Markdown: what clients meet first, what authors of files and definitions meet after it."""
    codes = sorted(messages.texts, key=lambda code: (_prefix(code) in TO_AUTHORS, code))
    return HEAD + "".join(
        _section(prefix, list(group), messages) for prefix, group in groupby(codes, _prefix)
    )


def _section(prefix: str, codes: list[str], messages: Messages) -> str:
    reader = " (to whoever writes a file or a definition)" if prefix in TO_AUTHORS else ""
    return f"\n## {prefix}{reader}\n\n| code | Indonesian | English |\n|---|---|---|\n" + "".join(
        _rows(codes, messages)
    )


def _rows(codes: list[str], messages: Messages) -> Iterator[str]:
    for code in codes:
        texts = messages.texts[code]
        shown = (texts[language].replace("|", "\\|") for language in ("id", "en"))
        yield f"| `{code}` | {' | '.join(shown)} |\n"


def _prefix(code: str) -> str:
    return code.partition(".")[0]
