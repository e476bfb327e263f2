from __future__ import annotations

import re
from pathlib import Path

import services.identity
from services.kit.problems import Messages, Problem
from workflows.model.messages import format_value

PACKAGE = Path(services.identity.__file__).parent
CODES = {
    code
    for path in PACKAGE.rglob("*.py")
    for code in re.findall(r'"((?:[a-z_]+)\.[a-z_]+)"', path.read_text())
    if re.match(
        r"(json|csv|dapodik|bundle|import|row|field|identifier|npsn|nip|nuptk|nik|pangkat|induk|account|duty|zone"
        r"|push|head|key|admission|signin|dev_token|grant|service|teacher|school|changes|http)\.",
        code,
    )
}


def test_every_code_has_a_text_in_both_languages() -> None:
    messages = Messages.load(PACKAGE / "messages.yaml", format_value=format_value)
    assert len(CODES) > 50
    for code in sorted(CODES):
        for language in ("id", "en"):
            assert messages.text(Problem(code), language) != code, (code, language)


def test_every_text_has_a_code() -> None:
    codes_with_text = set(Messages.load(PACKAGE / "messages.yaml", format_value=format_value).texts)
    assert {
        code for code in codes_with_text if code.split(".")[0] in {code.split(".")[0] for code in CODES}
    } <= CODES
