"""docs/workflow-format.md: the reference of the format, from the registries that the linter uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from inspect import getdoc

from workflows.engine.authority import AUTHORITIES, EFFECTS, EffectKind
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES, ArgType, Predicate
from workflows.files.definition_models import FORMAT, MODELS
from workflows.files.parts import TEXT_LIMIT, DefinitionPart
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

A guard is the name of a condition, with its arguments by name where it has some; or one of these over guards:

| | holds |
|---|---|
| `all: [GUARD, …]` | when every one does; every reason why not is told |
| `any: [GUARD, …]` | when one does; the reasons of all ways are told |
| `not: GUARD` | when it does not |

An argument is written out, or `{param: NAME}`: the period's value, read at each decision. A day can only come from a
parameter. *Made true by* says on what a plan may wait: the linter counts a condition as met in time when somebody or
something will see to it, and never what nobody owes to the plan.
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
        yield f"\n## {title}\n\n" + _table(("word", ""), ((f"`{one}`", one.meaning) for one in kind))


def _people() -> Iterator[str]:
    yield "\n## Roles and relations\n"
    for by, who in AUTHORITIES.items():
        yield f"\n### `{{role: {by.role}, relation: {by.relation}}}`\n\n{_both('who', by.role)}.\n\n"
        yield _sentences(who.codes)
    yield "\n## Requirements\n"
    for word, code in REQUIREMENTS.items():
        yield f"\n### `{word}`\n\n{_sentences((code,))}"


def _predicates() -> Iterator[str]:
    for name, predicate in sorted(PREDICATES.items()):
        yield f"\n### `{name}`\n\n{getdoc(predicate.test)}\n\n{''.join(_facts_about(name, predicate))}\n"
        yield _sentences((*predicate.codes, predicate.negated_code), negated=name)


def _facts_about(name: str, predicate: Predicate) -> Iterator[str]:
    yield f"- As people read it: {_both('cond', name)}\n"
    if predicate.args:
        yield f"- Arguments: {_arguments(predicate.args)}\n"
    yield f"- Reads: {', '.join(f'`{fact}`' for fact in predicate.reads) or 'nothing but its argument'}\n"
    yield f"- Made true by: {predicate.resolved_by.meaning}\n"
    if not predicate.codes:
        yield "- Refuses with the reasons that the plan's own rules give ([problems](problems.md))\n"


def _effects() -> Iterator[str]:
    yield "\n## Effects\n\n"
    rows = ((f"`{name}`", _arguments(kind.args) or "none", _effect(kind)) for name, kind in EFFECTS.items())
    yield _table(("effect", "arguments", ""), rows)


def _effect(kind: EffectKind) -> str:
    need = (
        f" `when` must make sure of `{format_guard(kind.required_condition)}`."
        if kind.required_condition
        else ""
    )
    late = " Not in an automatic transition: it changes what is decided by." if kind.changes_facts else ""
    return kind.meaning + need + late


def _arguments(args: Mapping[str, ArgType]) -> str:
    return ", ".join(f"`{name}`: {kind.meaning}{_limits(name)}" for name, kind in args.items())


def _limits(name: str) -> str:
    low, high = LIMITS.get(name, (None, None))
    return "" if low is None else f", {low} or more" if high is None else f" from {low} to {high}"


def _findings() -> Iterator[str]:
    yield "\n## Findings\n\nWhat is told about a definition that is not sound; `{name}` stands for a value.\n"
    for prefix, title in FINDINGS.items():
        codes = [code for code in load_messages() if code.partition(".")[0] == prefix]
        yield f"\n### {title}\n\n{_sentences(codes)}"


def _both(family: str, name: str) -> str:
    said = load_phrases()[f"{family}.{name}"]
    return f"{said['id']} / {said['en']}"


def _sentences(codes: Iterable[str], negated: str = "") -> str:
    """A table of codes with their two sentences; the last one may be that of a condition which is `negated`."""
    rows = [
        (f"`{code}`", _plain(load_messages()[code]["id"]), _plain(load_messages()[code]["en"]))
        for code in codes
    ]
    if negated:
        code, *both = rows.pop()
        rows.append((f"{code}, of `not: {negated}`", both[0], both[1]))
    return _table(("code", "Indonesian", "English"), rows)


def _plain(text: str) -> str:
    """A sentence whose braces stand for values, without the doubled ones that stand for themselves."""
    return text.replace("{{", "{").replace("}}", "}")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = "|---" * len(head) + "|\n"
    return _row(head) + rule + "".join(map(_row, rows))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
