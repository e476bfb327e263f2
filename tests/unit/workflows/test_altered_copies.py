"""The linter notices each part of the shipped definition that is taken away or renamed, if anybody relies on it."""

from __future__ import annotations

import pytest

from tests.unit.workflows.altered_copies import AlteredCopy, altered_copies
from workflows.files.loader import load_shipped
from workflows.lint.check import lint

COPIES = list(altered_copies())


@pytest.mark.parametrize("copy", COPIES, ids=[copy.alteration for copy in COPIES])
def test_a_copy_without_a_part_is_refused(copy: AlteredCopy) -> None:
    findings = copy.lint()
    assert findings
    assert all(finding.line for finding in findings)


def test_there_are_more_than_thirty_copies_and_the_original_is_sound() -> None:
    assert len({copy.alteration for copy in COPIES}) == len(COPIES) > 30
    assert lint(load_shipped()) == []
