"""pre-commit runs commands of `make lint`, on the tools of the virtual environment."""

from __future__ import annotations

import yaml

from tests.composed import ROOT


def test_every_hook_is_a_command_of_make_lint() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile.partition("\nlint:")[2].partition("\n\n")[0].replace("$(BIN)", ".venv/bin")
    commands = [line.strip().removesuffix(" .") for line in recipe.splitlines()[1:]]
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {hook["id"] for hook in hooks} == {"ruff-check", "ruff-format", "mypy", "import-linter"}
    assert all(hook["entry"] in commands for hook in hooks)
