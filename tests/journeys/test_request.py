"""A line of the transcript can be pasted: a shell reads back just what was sent."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from demo.request import body, line, read

PLAN = "UGxhbjox"
SHELL = 'PLAN=UGxhbjox; ask() { printf "%s\\0" "$@"; }; '


@pytest.mark.parametrize(
    "given",
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
def test_a_shell_reads_back_what_was_sent(given: dict[str, Any]) -> None:
    typed = SHELL + line("web/SubmitPlan", given)
    words = subprocess.run(["sh", "-c", typed], check=True, capture_output=True, text=True).stdout.split("\0")
    assert words[0] == "web/SubmitPlan"
    assert read(words[1:-1]) == given


def test_a_document_with_an_input_gets_the_values_as_its_input() -> None:
    sent = body("web/SubmitPlan", {"planId": PLAN, "expectedVersion": 3})
    assert sent["operationName"] == "SubmitPlan"
    assert sent["variables"] == {"input": {"planId": PLAN, "expectedVersion": 3}}


def test_another_document_gets_them_as_its_variables() -> None:
    assert body("mobile/Plan", {"id": PLAN})["variables"] == {"id": PLAN}
