from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.identity
from services.identity.people.model import AccountFacts, DutyFacts
from services.identity.registry.own_files import read_accounts, read_duties, read_zones
from services.kit.problems import RequestRefused
from services.kit.region import normalize_province
from tests.identity_samples import NPSN, ptk, refusal_of

ZONES = Path(services.identity.__file__).parent / "data" / "zones.csv"
ACCOUNTS = "email,ptk_id,npsn,opened,closed\n"
DUTIES = "ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst\n"


def test_account_is_keyed_by_its_address_in_lower_case() -> None:
    facts, problems, *_ = read_accounts(
        f"{ACCOUNTS}Guru@Guru.SD.belajar.id,{ptk(1)},{NPSN},2023-01-01,\n".encode()
    )
    assert problems == []
    assert facts == {
        "guru@guru.sd.belajar.id": AccountFacts("guru@guru.sd.belajar.id", ptk(1), NPSN, date(2023, 1, 1))
    }


def test_semicolons_a_byte_order_mark_and_another_order_of_columns_are_read() -> None:
    text = f"\ufeffNPSN;email;ptk_id;closed;opened\r\n{NPSN};a@b.id;{ptk(1)};;\r\n\r\n"
    facts = {"a@b.id": AccountFacts("a@b.id", ptk(1), NPSN)}
    assert read_accounts(text.encode()) == (facts, [], {"a@b.id": ("line 2",)}, 0)


BAD_ACCOUNTS = [
    ("bukan alamat,,,,", "account.email"),
    ("a@b,,,,", "account.email"),
    (",,,,", None),
    (f",{ptk(1)},,,", "field.missing"),
    ("a@b.id,x,,,", "field.not_a_uuid"),
    ("a@b.id,,123,,", "npsn.pattern"),
    ("a@b.id,,,2024-02-01,2024-01-01", "row.ends_before_it_begins"),
    ("a@b.id,,,,,x,", "row.not_an_object"),
]


@pytest.mark.parametrize(("line", "code"), BAD_ACCOUNTS)
def test_bad_line_is_refused_with_its_number(line: str, code: str | None) -> None:
    facts, problems, *_ = read_accounts(f"{ACCOUNTS}{line}\nc@d.id,,,,\n".encode())
    assert set(facts) == {"c@d.id"}
    assert [(problem.code, problem.path[0]) for problem in problems] == ([(code, "line 2")] if code else [])


def test_repeated_key_is_refused_if_the_values_differ() -> None:
    facts, problems, _, repeated_count = read_accounts(
        f"{ACCOUNTS}a@b.id,,,,\nA@B.ID,,,,\na@b.id,{ptk(1)},,,\n".encode()
    )
    assert (facts, repeated_count) == ({"a@b.id": AccountFacts("a@b.id")}, 1)
    assert [(problem.code, problem.path) for problem in problems] == [("row.twice", ("line 4",))]


def test_duty_is_keyed_by_person_school_jabatan_and_day() -> None:
    facts, problems, *_ = read_duties(f"{DUTIES}{ptk(1)},33,{NPSN},SK/1,2024-01-01,\n".encode())
    assert list(facts.values()) == [DutyFacts(ptk(1), NPSN, "33", date(2024, 1, 1), "SK/1")]
    assert problems == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"{ptk(1)},33,{NPSN},SK,,", "field.missing"),
        (f"{ptk(1)},,{NPSN},SK,2024-01-01,", "field.missing"),
        (f",33,{NPSN},SK,2024-01-01,", "field.missing"),
        (f"{ptk(1)},33,,SK,2024-01-01,", "npsn.pattern"),
        (f"{ptk(1)},33,{NPSN},SK,2024-01-02,2024-01-01", "row.ends_before_it_begins"),
        (f"{ptk(1)},Plt,{NPSN},SK,2024-01-01,", "field.not_a_number"),
    ],
)
def test_bad_duty_is_refused(line: str, code: str) -> None:
    facts, problems, *_ = read_duties(f"{DUTIES}{line}\n".encode())
    assert (facts, [problem.code for problem in problems]) == ({}, [code])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv.header"),
        (b"email,ptk_id\n", "csv.header"),
        (b"\xff\xfe\x00", "file.encoding"),
        (ACCOUNTS.encode("utf-16-le"), "file.encoding"),
        (b"PK\x03\x04" + bytes(50), "file.workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.workbook"),
        (b'email,"ptk_id,npsn,opened,closed\na', "csv.quote"),
        (b'email,"ptk_id\n",npsn,opened,closed\na', "csv.line_break"),
    ],
)
def test_unreadable_file_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_accounts(data)
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_wrong_encoding_names_its_line() -> None:
    with pytest.raises(RequestRefused) as refusal:
        read_accounts(ACCOUNTS.encode() + b"a@b.id,,,,\nren\xe9@b.id,,,,\n")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.params, problem.path) == ("file.encoding", {"line": 3}, ("line 3",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_spreadsheets_are_read(encoding: str, delimiter: str) -> None:
    text = f"{ACCOUNTS.rstrip()},,\r\nrené,,\r\na@b.id,{ptk(1)},{NPSN},,,,\r\n".replace(",", delimiter)
    facts, problems, lines, _ = read_accounts(text.encode(encoding))
    refused = [(problem.code, problem.params["value"]) for problem in problems]
    assert (list(facts), refused) == (["a@b.id"], [("account.email", "rené")])
    assert lines == {"a@b.id": ("line 3",)}


def test_separator_line_of_excel_is_skipped() -> None:
    _, problems, lines, _ = read_accounts(f"sep=;\n{ACCOUNTS}a@b.id,,,,\n".replace(",", ";").encode())
    assert (problems, lines) == ([], {"a@b.id": ("line 3",)})


@pytest.mark.parametrize(
    ("cells", "refused", "kept"),
    [
        (("SK/1", '"SK/2', "SK/3", 'SK/4"', "SK/5"), [("csv.line_break", "line 3–5")], [2, 6]),
        (("SK/1", '"SK/2', "SK/3", "SK/4", "SK/5"), [("csv.quote", "line 3")], [2, 4, 5, 6]),
        (("SK/1", '"SK/2', "SK/3", '"SK/4, a"', "SK/5"), [("csv.quote", "line 3")], [2, 4, 5, 6]),
        (("SK/1", 'SK/2"', "SK/3", "SK/4", "SK/5"), [("csv.quote", "line 3")], [2, 4, 5, 6]),
        (("SK/1", '"SK\n2"', "SK/3", "SK/4", "SK/5"), [("csv.line_break", "line 3–4")], [2, 5, 6, 7]),
        (("SK/1", "x" * 140_000, "SK/3", "SK/4", "SK/5"), [("csv.line_too_long", "line 3")], [2, 4, 5, 6]),
        (("SK/1", '"SK ""2"""', "SK/3", '"SK/4, a"', "SK/5"), [], [2, 3, 4, 5, 6]),
    ],
)
def test_broken_quoting_costs_its_own_lines_only(
    cells: tuple[str, ...], refused: list[tuple[str, str]], kept: list[int]
) -> None:
    rows = (f"{ptk(number)},33,{NPSN},{cell},2023-01-0{number},\n" for number, cell in enumerate(cells, 1))
    _, problems, lines, _ = read_duties((DUTIES + "".join(rows)).encode())
    assert [(problem.code, *problem.path) for problem in problems] == refused
    assert list(lines.values()) == [(f"line {number}",) for number in kept]


cells = st.text(st.sampled_from('ab",;\n\r 1'), max_size=6)


@given(st.lists(cells, max_size=8))
def test_every_line_is_stored_refused_or_repeated(texts: list[str]) -> None:
    rows = [f"{ptk(number)},33,{NPSN},{text},2023-01-01," for number, text in enumerate(texts, 1)]
    data = DUTIES + "\n".join(rows)
    facts, problems, lines, repeated_count = read_duties(data.encode())
    named_lines: set[int] = set()
    for path in (*lines.values(), *(problem.path for problem in problems)):
        first, _, last = path[0].removeprefix("line ").partition("–")
        named_lines |= set(range(int(first), int(last or first) + 1))
    physical = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    visible = {number for number, line in enumerate(physical, 1) if number > 1 and line.strip(' ,"')}
    assert visible <= named_lines
    assert (len(facts), repeated_count) == (len(lines), 0)


def test_invisible_character_in_an_address_is_refused_with_its_place() -> None:
    _, problems, *_ = read_accounts(f"{ACCOUNTS}a8.uji\u200b@guru.sd.belajar.id,,,,\n".encode())
    (problem,) = problems
    assert (problem.code, problem.path) == ("account.invisible", ("line 2", "email"))
    assert {"character": "U+200B", "column": "7"}.items() <= problem.params.items()


def test_invisible_characters_of_other_cells_are_dropped() -> None:
    line = f"{ptk(1)}\u200b,33,\ufeff{NPSN},\u202eSK\u2060/1,2023-01-01,\n"
    facts, problems, *_ = read_duties(f"{DUTIES}{line}".encode())
    assert ([(one.npsn, one.nomor_sk) for one in facts.values()], problems) == ([(NPSN, "SK/1")], [])


def test_shipped_zones_cover_all_38_provinces() -> None:
    facts, problems, *_ = read_zones(ZONES.read_bytes())
    assert problems == []
    assert Counter(zone.zone for zone in facts.values()) == {
        "Asia/Jakarta": 18,
        "Asia/Makassar": 12,
        "Asia/Jayapura": 8,
    }


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Prov. Kalimantan Tengah", "Asia/Jakarta"),
        ("Prov. Kalimantan Barat", "Asia/Jakarta"),
        ("Prov. Kalimantan Selatan", "Asia/Makassar"),
        ("PROV. KALIMANTAN UTARA", "Asia/Makassar"),
        ("Prov. D.K.I. Jakarta", "Asia/Jakarta"),
        ("Provinsi DKI Jakarta", "Asia/Jakarta"),
        ("Daerah Khusus Jakarta", "Asia/Jakarta"),
        ("Prov. D.I. Yogyakarta", "Asia/Jakarta"),
        ("Daerah Istimewa  Yogyakarta", "Asia/Jakarta"),
        ("Nanggroe Aceh Darussalam", "Asia/Jakarta"),
        ("Prov. Kep. Riau", "Asia/Jakarta"),
        ("Bangka Belitung", "Asia/Jakarta"),
        ("Prov. Nusa Tenggara Timur", "Asia/Makassar"),
        ("Prov. Papua Barat Daya", "Asia/Jayapura"),
        ("Prov. Maluku Utara", "Asia/Jayapura"),
    ],
)
def test_spellings_of_a_province_are_equal(name: str, zone: str) -> None:
    facts, *_ = read_zones(ZONES.read_bytes())
    assert facts[normalize_province(name)].zone == zone


def test_unknown_zone_is_refused() -> None:
    facts, problems, *_ = read_zones(b"provinsi,zone\nProv. Bali,GMT+8\n")
    assert (facts, [problem.code for problem in problems]) == ({}, ["zone.unknown"])


@given(st.binary() | st.text().map(lambda text: (ACCOUNTS + text).encode(errors="surrogatepass")))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    for read_file in (read_accounts, read_duties, read_zones):
        refusal = refusal_of(read_file, data)
        assert refusal is None or refusal.problems
