"""The first semester, and its choices that are offered in the second one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.planning.period.model import parse_period_code
from services.planning.plan.tabs import PerilakuKerja, first_semester, keep_offered
from tests.unit.planning.reference import catalog

CHOICES = catalog().choices("SD", None)
ANY = st.sampled_from([*(opsi.code for aspek in CHOICES.perilaku for opsi in aspek.opsi), "XX-1", ""])
ASPEK = st.sampled_from([*(aspek.code for aspek in CHOICES.perilaku), "XX"])


@given(st.integers(2000, 2998), st.sampled_from(["-1", "-2", ""]))
def test_only_a_second_semester_has_a_first_one(year: int, half: str) -> None:
    code = f"{year}{half}"
    before = first_semester(code)
    assert (before is not None) == (half == "-2")
    if before:
        earlier, later = parse_period_code(before), parse_period_code(code)
        assert earlier
        assert later
        assert (later[0] - earlier[1]).days == 1


@given(st.dictionaries(ASPEK, ANY))
def test_offered_behaviours_were_chosen_and_can_be_chosen(old_choices: dict[str, str]) -> None:
    tab = keep_offered(PerilakuKerja(old_choices), CHOICES)
    assert tab.pilihan.items() <= old_choices.items()
    assert list(tab.check_offered(CHOICES)) == []
    rest = {aspek: opsi for aspek, opsi in old_choices.items() if aspek not in tab.pilihan}
    assert len(list(PerilakuKerja(rest).check_offered(CHOICES))) == len(rest)
    places = [aspek.code for aspek in CHOICES.perilaku]
    assert [places.index(aspek) for aspek in tab.pilihan] == sorted(map(places.index, tab.pilihan))
