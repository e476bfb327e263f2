"""docs/workflow-format.md: the reference of the format, from the registries that the linter uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from inspect import getdoc

from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import EFFECTS, EffectKind
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES, ArgType, Predicate
from workflows.files.definition_models import FORMAT, MODELS
from workflows.files.definition_parts import TEXT_LIMIT, DefinitionPart
from workflows.files.reader import MAX_BYTES, MAX_DEPTH
from workflows.lint.calls import LIMITS
from workflows.model.definition import ParamType, Phase, Recipient, Turn, format_guard
from workflows.model.facts import HeadKind, Term
from workflows.model.messages import load_messages, load_phrases

TERMS: Mapping[str, type[Term]] = {
    "Types of parameters": ParamType, "Phases": Phase, "Turns": Turn, "Recipients": Recipient,
    "Kinds of heads": HeadKind,
}  # fmt: skip
FINDINGS = {
    "yaml": "In the text",
    "definition": "In the shape",
    "value": "In a value",
    "lint": "In the definition as a whole, and what is proved about it",
}
HEAD = f"""# The format of a workflow definition

Everything that a definition can say, format {FORMAT}. `make schema` writes this page from the code that checks
definitions. Worked examples are in [workflow-admins.md](workflow-admins.md), the shipped definition is
[perencanaan-kinerja.yaml](../workflows/definitions/perencanaan-kinerja.yaml). Editors complete and check a file by its
JSON Schema: [definition](schemas/definition.schema.json), [period](schemas/period.schema.json) or
[catalogue](schemas/catalog.schema.json); many take it from a first line such as
`# yaml-language-server: $schema=definition.schema.json`.

A definition is one YAML document in UTF-8 of at most {MAX_BYTES // 1024} KB, nested at most {MAX_DEPTH} levels deep.
Anchors, aliases, tags, directives and duplicate keys are refused. Nothing is guessed: `on`, `yes` and `12:30` are
texts, and `1.10` is refused. A name has lower-case letters, digits and `_`, at most 60 characters, and begins with a
letter. A text is one line of at most {TEXT_LIMIT} characters. Nothing in a definition can run: it only uses the names
on this page.
"""
GUARDS = """
## Guards

A guard is the name of a condition, with its arguments by name if it has some. Three operators combine guards:

| | holds if |
|---|---|
| `all: [GUARD, …]` | every guard holds; a refusal gives the reasons of all that do not |
| `any: [GUARD, …]` | one guard holds; a refusal gives the reasons of all |
| `not: GUARD` | the guard does not hold |

An argument is a value, or `{param: NAME}` for a parameter of the period, which is read at each decision. A date can
only be a parameter. *Made true by* says what a plan may wait for: the linter accepts that a plan waits for a condition
only if somebody or something is certain to make it true in time.
"""


def workflow_format_page() -> str:
    """Return the page in Markdown."""
    return "".join((HEAD, *_keys(), *_terms(), *_people(), GUARDS, *_predicates(), *_effects(), *_findings()))


def _keys() -> Iterator[str]:
    yield "\n## Keys\n"
    for model in MODELS:
        title = (getdoc(model) or "").rstrip(".")
        yield f"\n### {title}\n\n" + _table(("key", "holds", ""), _key_rows(model))


def _key_rows(model: type[DefinitionPart]) -> Iterator[tuple[str, ...]]:
    for name, field in zip(model.keys(), model.model_fields.values(), strict=True):
        optional = "" if field.is_required() else " (may be left out)"
        yield f"`{name}`", f"{field.title}{optional}", str(field.description)


def _terms() -> Iterator[str]:
    for title, kind in TERMS.items():
        yield f"\n## {title}\n\n" + _table(("word", ""), ((f"`{term}`", term.meaning) for term in kind))


def _people() -> Iterator[str]:
    yield "\n## Roles and relations\n"
    for by, authority in AUTHORITIES.items():
        yield f"\n### `{{role: {by.role}, relation: {by.relation}}}`\n\n{_phrase('who', by.role)}.\n\n"
        yield _messages(authority.codes)
    yield "\n## Requirements\n"
    for word, code in REQUIREMENTS.items():
        yield f"\n### `{word}`\n\n{_messages((code,))}"


def _predicates() -> Iterator[str]:
    for name, predicate in sorted(PREDICATES.items()):
        yield f"\n### `{name}`\n\n{getdoc(predicate.test)}\n\n{''.join(_facts_about(name, predicate))}\n"
        yield _messages((*predicate.codes, predicate.negated_code), negated_guard=name)


def _facts_about(name: str, predicate: Predicate) -> Iterator[str]:
    yield f"- As users read it: {_phrase('cond', name)}\n"
    if predicate.args:
        yield f"- Arguments: {_arguments(predicate.args)}\n"
    yield f"- Reads: {', '.join(f'`{fact}`' for fact in predicate.reads) or 'only its argument'}\n"
    yield f"- Made true by: {predicate.resolved_by.meaning}\n"
    if not predicate.codes:
        yield "- Refuses with the problems of the plan ([problems](problems.md))\n"


def _effects() -> Iterator[str]:
    yield "\n## Effects\n\n"
    rows = ((f"`{name}`", _arguments(kind.args) or "none", _effect(kind)) for name, kind in EFFECTS.items())
    yield _table(("effect", "arguments", ""), rows)


def _effect(kind: EffectKind) -> str:
    requirement = (
        f" `when` must include `{format_guard(kind.required_condition)}`." if kind.required_condition else ""
    )
    restriction = (
        " Not allowed in an automatic transition: it changes facts that decisions read."
        if kind.changes_facts
        else ""
    )
    return kind.meaning + requirement + restriction


def _arguments(args: Mapping[str, ArgType]) -> str:
    return ", ".join(f"`{name}`: {kind.meaning}{_limits(name)}" for name, kind in args.items())


def _limits(name: str) -> str:
    low, high = LIMITS.get(name, (None, None))
    return "" if low is None else f", {low} or more" if high is None else f" from {low} to {high}"


def _findings() -> Iterator[str]:
    yield "\n## Findings\n\nThe problems of a definition that cannot be published. `{name}` is the place of a value.\n"
    for prefix, title in FINDINGS.items():
        codes = [code for code in load_messages() if code.partition(".")[0] == prefix]
        yield f"\n### {title}\n\n{_messages(codes)}"


def _phrase(family: str, name: str) -> str:
    phrase = load_phrases()[f"{family}.{name}"]
    return f"{phrase['id']} / {phrase['en']}"


def _messages(codes: Iterable[str], negated_guard: str = "") -> str:
    """Return a table of codes with their messages; with `negated_guard`, the last one is the message of `not: …`."""
    rows = [
        (f"`{code}`", _unescape(load_messages()[code]["id"]), _unescape(load_messages()[code]["en"]))
        for code in codes
    ]
    if negated_guard:
        code, indonesian, english = rows.pop()
        rows.append((f"{code}, of `not: {negated_guard}`", indonesian, english))
    return _table(("code", "Indonesian", "English"), rows)


def _unescape(text: str) -> str:
    """Replace doubled braces, the escape of a brace, by single ones."""
    return text.replace("{{", "{").replace("}}", "}")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = "|---" * len(head) + "|\n"
    return _row(head) + rule + "".join(map(_row, rows))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
