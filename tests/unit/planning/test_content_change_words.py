"""A change as it is shown: in both languages, and never with nothing on both sides."""

from __future__ import annotations

import pytest

from services.planning.api.types.content_change import _render_change
from services.planning.plan.content_change import FIELD_LABELS, NO_DECREE, ChangeDescription, PlanPart
from workflows.model.messages import Language


@pytest.mark.parametrize(
    ("language", "after"), [("id", "surat keputusan belum diisi"), ("en", "no decree filled in")]
)
def test_a_duty_without_a_decree_says_so(language: Language, after: str) -> None:
    shown = _render_change(
        ChangeDescription(PlanPart.TUGAS_TAMBAHAN, "Wali Kelas", None, NO_DECREE), language
    )
    assert (shown.before, shown.after) == (None, after)


@pytest.mark.parametrize(("language", "about"), [("id", "Satuan pendidikan"), ("en", "School")])
def test_data_diri_are_named_in_the_readers_language(language: Language, about: str) -> None:
    assert (
        _render_change(
            ChangeDescription(PlanPart.DATA_DIRI, FIELD_LABELS["school"], "A", "B"), language
        ).about
        == about
    )
