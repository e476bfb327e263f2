"""`rencana workflow lint|diff|diagram FILE`: files only, no database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import rencana
from workflows.files.loader import load_definition, read_shipped
from workflows.model.canonical import hash_definition

SHIPPED_FILE = "workflows/definitions/perencanaan-kinerja.yaml"
OTHER_DEFINITION = read_shipped().decode().replace("id: Diajukan,", "id: Sudah diajukan,")


@pytest.fixture
def other_file(tmp_path: Path) -> str:
    """A definition that names a state differently."""
    file = tmp_path / "other.yaml"
    file.write_text(OTHER_DEFINITION)
    return str(file)


def run(*words: str) -> Result:
    return CliRunner().invoke(rencana, ["workflow", *words])


def test_lint_names_a_sound_definition(other_file: str) -> None:
    result = run("lint", other_file)
    assert (result.exit_code, result.output) == (
        0,
        f"perencanaan-kinerja {hash_definition(load_definition(OTHER_DEFINITION))[:12]}: sound\n",
    )


def test_lint_refuses_a_broken_file_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("format: 1\nformat: 1\n")
    result = run("lint", str(tmp_path / "broken.yaml"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("yaml.duplicate_key")
    assert "(line 2, column 1)" in result.stderr


def test_diff_says_what_changes_in_words(other_file: str) -> None:
    assert run("diff", SHIPPED_FILE, SHIPPED_FILE).output == "both say the same\n"
    lines = run("diff", SHIPPED_FILE, other_file, "--language", "en").output.splitlines()
    assert (len(lines), lines[-1]) == (2, "1 changes: additive")


def test_diagram_is_mermaid_in_both_languages(other_file: str) -> None:
    assert 'state "Sudah diajukan" as s_submitted' in run("diagram", other_file).output
    assert 'state "Submitted" as s_submitted' in run("diagram", other_file, "--language", "en").output


@pytest.mark.parametrize(
    "words", [("diff", "a" * 5_000, SHIPPED_FILE), ("diff", "/", SHIPPED_FILE), ("lint", "\udcff")]
)
def test_missing_file_is_reported_without_a_traceback(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert result.stderr
