"""The wording of a change in both languages."""

from __future__ import annotations

import pytest

from services.planning.api.types.plan_content import _render_change
from services.planning.plan.content_change import FIELD_LABELS, NO_DECREE, ChangeDescription, PlanPart
from workflows.model.messages import Language


@pytest.mark.parametrize(
    ("language", "after"), [("id", "surat keputusan belum diisi"), ("en", "no decree filled in")]
)
def test_duty_without_decree_is_described_as_such(language: Language, after: str) -> None:
    rendering = _render_change(
        ChangeDescription(PlanPart.TUGAS_TAMBAHAN, "Wali Kelas", None, NO_DECREE), language
    )
    assert (rendering.before, rendering.after) == (None, after)


@pytest.mark.parametrize(("language", "about"), [("id", "Satuan pendidikan"), ("en", "School")])
def test_fields_of_data_diri_have_labels_in_both_languages(language: Language, about: str) -> None:
    assert (
        _render_change(
            ChangeDescription(PlanPart.DATA_DIRI, FIELD_LABELS["school"], "A", "B"), language
        ).about
        == about
    )
