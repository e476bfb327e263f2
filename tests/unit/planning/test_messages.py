"""Message files: every used code has a text in both languages, and every text is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter, printable

import pytest

import services.kit
import services.planning
import workflows
from services.identity.settings import MESSAGE_FILES as IDENTITY_MESSAGES
from services.kit.change_request import State
from services.planning.api.limits import LIMITS
from services.planning.history.model import HEAD_ROLES
from services.planning.period.period_file import PROBLEM_CODES
from services.planning.plan.event_kinds import KINDS
from services.planning.settings import MESSAGE_FILES
from tests.unit.planning.reference import catalog, messages
from workflows.engine.authority import AUTHORITIES
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES
from workflows.files.reader import read_mapping
from workflows.model.definition import Recipient

FOLDERS = [
    Path(package.__file__).parent
    for package in (services.planning, services.kit, workflows)
    if package.__file__
]

# These take a code as their first argument. Those of CODE_PREFIXES take the code without its prefix.
CODE_CALLS = {
    "Problem",
    "DomainProblem",
    "AcknowledgeableProblem",
    "Finding",
    "bad_request",
    "_unauthenticated",
}
CODE_PREFIXES = {"_access_problem": "access", "_fault": "verify"}


@cache
def nodes() -> list[ast.AST]:
    """Return the syntax nodes of all modules. Parsed by the first test that asks, not by every test worker."""
    modules = (ast.parse(path.read_text()) for folder in FOLDERS for path in sorted(folder.rglob("*.py")))
    return [node for module in modules for node in ast.walk(module)]


def calls() -> Iterator[tuple[str, ast.Call]]:
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and node.args:
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def constants(node: ast.expr) -> list[str]:
    """Return the texts that an expression can be: a literal, or both branches of a conditional."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


@cache
def list_used_codes() -> dict[str, list[ast.Call]]:
    """Return every literal code with the calls that use it."""
    codes: dict[str, list[ast.Call]] = {}
    for name, call in calls():
        prefix = CODE_PREFIXES.get(name)
        if prefix or name in CODE_CALLS:
            for text in constants(call.args[0]):
                codes.setdefault(f"{prefix}.{text}" if prefix else text, []).append(call)
    return codes


@cache
def list_families() -> dict[str, set[str]]:
    """Return the codes that are composed in the code, by their common beginning."""
    return {
        "change_request.": {f"change_request.{state}" for state in State},
        "access.": {code for code in list_used_codes() if code.startswith("access.")},
        "period.": {code for code in list_used_codes() if code.startswith("period.")},
        "verify.": {code for code in list_used_codes() if code.startswith("verify.")},
        "phrase.": {f"phrase.{head.value}{suffix}" for head in HEAD_ROLES for suffix in ("", "_named")},
        "phrase.because_": {f"phrase.because_{reason}" for reason in ("switch", "plt", "workflow")},
        "history.": {f"history.{kind}" for kind in KINDS if kind != "transition"},
        "query.": {f"query.{measure}" for measure in LIMITS._fields},
        "file.": {*PROBLEM_CODES.values(), "file.malformed"},
        "example.": {f"example.{row.praktik_kinerja}" for row in catalog().jenjang},
        "notification.": {f"notification.{recipient}" for recipient in Recipient},
        "value.": {f"value.{kind}_expected" for kind in ("bool", "int", "date")},
        "lint.wrong_": {f"lint.wrong_{kind}" for kind in ("bool", "int", "date", "head")},
    }  # fmt: skip


def list_declared_codes() -> set[str]:
    codes = {code for predicate in PREDICATES.values() for code in (*predicate.codes, predicate.negated_code)}
    return (
        codes
        | {code for authority in AUTHORITIES.values() for code in authority.codes}
        | set(REQUIREMENTS.values())
    )


def families_in_code() -> set[str]:
    """Return the beginnings of f-strings that are used as codes."""
    prefixes = set()
    for name, call in calls():
        first = call.args[0]
        if (name in CODE_CALLS or name.startswith("_")) and isinstance(first, ast.JoinedStr) and first.values:
            prefixes |= {
                text for text in constants(first.values[0]) if text.count(".") == 1 and " " not in text
            }
    return prefixes


def literals() -> set[str]:
    return {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def in_any_language(names: set[str]) -> set[str]:
    """Return placeholders without those that only one language needs: its wording, the gloss of a label."""
    return {name.removesuffix("_id").removesuffix("_en") for name in names if not name.endswith("gloss")}


@pytest.mark.parametrize("path", [*MESSAGE_FILES, *IDENTITY_MESSAGES], ids=str)
def test_message_file_has_each_code_once(path: Path) -> None:
    assert read_mapping(path.read_bytes(), 512 * 1024).value


def test_every_used_code_has_a_text() -> None:
    codes = (
        list_used_codes().keys()
        | list_declared_codes()
        | {code for family in list_families().values() for code in family}
    )
    assert len(codes) > 120
    assert {code for code in codes if "." in code} - messages().texts.keys() == set()


def test_every_prefix_of_codes_is_checked() -> None:
    assert families_in_code() <= list_families().keys()
    assert all(list_families().values())


def test_every_text_is_used() -> None:
    used_codes = literals() | {code for family in list_families().values() for code in family}
    assert messages().texts.keys() - used_codes == set()


ONE_ADDRESS = {
    "dinas": ("access.no_sekolah_induk", "satminkal.unknown", "move.induk_unknown"),
    "helpdesk": ("window.closed", "revision.passed", "turn.window_passed", "turn.revision_passed",
                 "banner.revision_passed"),
}  # fmt: skip


@pytest.mark.parametrize("address", ONE_ADDRESS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_one_obstacle_has_one_address(address: str, language: str) -> None:
    for code in ONE_ADDRESS[address]:
        text = messages().texts[code][language].lower()
        assert {one for one in ("dinas", "helpdesk", "operator") if one in text} == {address}, code


def test_both_languages_have_the_same_parameters() -> None:
    for code, texts in messages().texts.items():
        assert texts.keys() == {"id", "en"}, code
        indonesian, english = texts["id"], texts["en"]
        assert indonesian != english, code
        ends = ".?" if not code.startswith("phrase.") else "".join(set(printable) - set(".?"))
        assert all(text == text.strip() and text[-1] in ends for text in (indonesian, english)), code
        assert in_any_language(placeholders(indonesian)) == in_any_language(placeholders(english)), code


def test_every_use_of_a_code_passes_its_parameters() -> None:
    missing = []
    for code, places in list_used_codes().items():
        for call in places:
            passed_names = _list_parameters(call)
            required_names = {
                name for text in messages().texts.get(code, {}).values() for name in placeholders(text)
            }
            if passed_names is not None and not required_names <= passed_names:
                missing.append((code, required_names - passed_names))
    assert missing == []


def _list_parameters(call: ast.Call) -> set[str] | None:
    """Return the names of the parameters at a call; None if they are built elsewhere."""
    names = {keyword.arg for keyword in call.keywords if keyword.arg not in {None, "path", "status"}}
    arguments = [
        arg for arg in call.args[1:] if not isinstance(arg, ast.Constant | ast.Tuple | ast.Attribute)
    ]
    if any(keyword.arg in {None, "params"} for keyword in call.keywords):
        return None
    for arg in arguments:
        if not isinstance(arg, ast.Dict):
            return None
        names |= {str(key.value) for key in arg.keys if isinstance(key, ast.Constant)}
    return {str(name) for name in names}
