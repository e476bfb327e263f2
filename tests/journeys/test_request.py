"""A line of the transcript can be pasted into a shell, which then sends the same request."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from demo.request import parse_arguments, request_body, shell_line

PLAN = "UGxhbjox"
SHELL = 'PLAN=UGxhbjox; send() { printf "%s\\0" "$@"; }; '


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"planId": PLAN, "expectedVersion": 3, "then": "NEXT", "indikator": "PK-UBK"},
        {"planId": PLAN, "expectedVersion": 3, "indikator": None},
        {
            "planId": PLAN,
            "expectedVersion": 3,
            "note": 'Ibu Guru, it\'s "good"; $HOME `id` \\ é',
            "then": "true",
        },
        {
            "planId": PLAN,
            "expectedVersion": 3,
            "rhk": [f"RHK-{number:02d}" for number in range(30)],
            "tugas": [],
        },
        {
            "planId": PLAN,
            "expectedVersion": 3,
            "pilihan": [{"aspek": "BP", "opsi": f"BP-{n}"} for n in range(9)],
        },
    ],
)
def test_shell_parses_the_same_arguments(arguments: dict[str, Any]) -> None:
    script = SHELL + shell_line("web/SubmitPlan", arguments)
    words = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout.split(
        "\0"
    )
    assert words[0] == "web/SubmitPlan"
    assert parse_arguments(words[1:-1]) == arguments


def test_arguments_become_the_input_of_a_mutation() -> None:
    body = request_body("web/SubmitPlan", {"planId": PLAN, "expectedVersion": 3})
    assert body["operationName"] == "SubmitPlan"
    assert body["variables"] == {"input": {"planId": PLAN, "expectedVersion": 3}}


def test_arguments_become_the_variables_of_a_query() -> None:
    assert request_body("mobile/Plan", {"id": PLAN})["variables"] == {"id": PLAN}
