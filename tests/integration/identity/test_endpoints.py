from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from services.identity.people import store as people_store
from services.identity.people import tables
from services.kit.database import Connection, Database, run_in_transaction
from services.kit.settings import DEV_CLIENT_SECRET
from tests.conftest import Fresh
from tests.credentials import authorization
from tests.identity_samples import NPSN, OTHER_NPSN, ptk
from tests.integration.identity.environment import (
    FORMER_TEACHER,
    KEPALA,
    NOW,
    PLT_TEACHER,
    TEACHER,
    find_account_id,
    list_codes,
    open_filled,
    serve_identity_at,
)
from tests.queries import counting_queries

ENDPOINTS = [f"/v1/teachers/{TEACHER}", f"/v1/schools/{NPSN}", "/v1/changes"]
GTK = {"source": "dapodik:getGtk", "as_of": "2024-01-02T03:00:00Z"}
SEKOLAH = {"source": "dapodik:getSekolah", "as_of": "2024-01-02T03:00:00Z"}
UNKNOWN = {"value": None, "source": None, "as_of": None}


@pytest.fixture(scope="module")
async def registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with open_filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture(scope="module")
async def client(registry: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_identity_at(registry) as client:
        yield client


async def _get(client: aiohttp.ClientSession, path: str, **headers: str) -> tuple[int, Any]:
    return await _get_as(await authorization(client), client, path, **headers)


async def _get_as(
    service: dict[str, str], client: aiohttp.ClientSession, path: str, **headers: str
) -> tuple[int, Any]:
    async with client.get(path, headers=service | headers) as response:
        return response.status, await response.json()


async def test_teacher_has_the_source_and_instant_of_each_fact(client: aiohttp.ClientSession) -> None:
    status, body = await _get(client, f"/v1/teachers/{TEACHER}")
    assert status == 200
    assert body.pop("change_number") > 0
    assert body == {
        "ptk_id": str(TEACHER),
        "facts": {
            "nama": {"value": "Guru Contoh 1", **GTK},
            "nip": {"value": "198502032010012000", **GTK},
            "nuptk": {"value": "9999999999999901", **GTK},
            "status_kepegawaian": {"value": {"id": 1, "label": "PNS"}, **GTK},
            "jenis_ptk": {"value": {"id": "3", "label": "Guru Kelas"}, **GTK},
            "pangkat_golongan": {"value": "III/c", **GTK},
            "jenjang_jabatan": UNKNOWN,
            "tanggal_lahir": {"value": "1985-02-03", **GTK},
            "sekolah_induk": {"value": NPSN, **GTK},
        },
        "assignments": [
            {"npsn": NPSN, "nama": "SD NEGERI CONTOH 01", "induk": True, "since": "2015-07-01", **GTK}
        ],
        "headships": [],
        "accounts": [
            {
                "id": str(await find_account_id("lama@guru.smp.belajar.id")),
                "npsn": NPSN,
                "opened": "2018-01-01",
                "closed": "2020-01-01",
            },
            {
                "id": str(await find_account_id("satu@guru.sd.belajar.id")),
                "npsn": NPSN,
                "opened": "2020-01-01",
                "closed": None,
            },
        ],
        "duties": [],
        "flags": [{"code": "nip.rounded", "fact": "nip"}],
        "status": "active",
        "other_records": [],
    }


async def test_id_in_upper_case_is_the_same_person(client: aiohttp.ClientSession) -> None:
    _, body = await _get(client, f"/v1/teachers/{str(PLT_TEACHER).upper()}")
    assert body["ptk_id"] == str(PLT_TEACHER)


async def test_person_who_left_has_no_school(client: aiohttp.ClientSession) -> None:
    status, body = await _get(client, f"/v1/teachers/{FORMER_TEACHER}")
    assert (status, body["status"], body["assignments"]) == (200, "left", [])
    assert body["facts"]["sekolah_induk"] == UNKNOWN


async def test_principal_heads_their_school(client: aiohttp.ClientSession) -> None:
    _, teacher = await _get(client, f"/v1/teachers/{KEPALA}")
    _, school = await _get(client, f"/v1/schools/{NPSN}")
    (head,) = school["headships"][-1:]
    assert (head["kind"], head["ptk_id"], head["valid_until"]) == ("definitif", str(KEPALA), None)
    assert teacher["headships"] == [
        {"npsn": NPSN, "zone": "Asia/Jakarta", "kind": "definitif", "valid_from": head["valid_from"],
         "valid_until": None}
    ]  # fmt: skip


async def test_school_has_its_zone_and_head(client: aiohttp.ClientSession) -> None:
    status, body = await _get(client, f"/v1/schools/{NPSN}")
    assert status == 200
    assert body.pop("change_number") > 0
    evidence = body["headships"][0].pop("evidence")
    assert [item["code"] for item in evidence] == ["head.definitif_row"]
    assert evidence[0]["params"]["ptk_id"] == str(KEPALA)
    assert body == {
        "npsn": NPSN,
        "nama": {"value": "SD NEGERI CONTOH 01", **SEKOLAH},
        "bentuk_pendidikan": {"value": {"id": 5, "label": "SD"}, **SEKOLAH},
        "status_sekolah": {"value": "Negeri", **SEKOLAH},
        "kabupaten_kota": {"value": "Kab. Contoh", **SEKOLAH},
        "provinsi": {"value": "Prov. Jawa Barat", **SEKOLAH},
        "zone": {"value": "Asia/Jakarta", "source": "file:zones", "as_of": "2024-01-02T03:00:00Z"},
        "headships": [
            {
                "kind": "definitif",
                "ptk_id": str(KEPALA),
                "nama": "Guru Contoh 9",
                "since": "2015-07-01",
                "valid_from": "2015-07-01",
                "valid_until": None,
            }
        ],
        "headships_as_of": "2024-01-05T03:00:00Z",
    }


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (datetime(2024, 1, 5, 3, tzinfo=UTC), ["kosong", "plt"]),
        (datetime(2024, 1, 6, 14, 59, tzinfo=UTC), ["kosong", "plt"]),  # who is behind still asks of the 5th
        (datetime(2024, 1, 6, 15, 0, tzinfo=UTC), ["plt"]),  # 7 January in Papua
    ],
)
async def test_future_decree_is_a_headship_with_its_first_day(
    registry: Database, now: datetime, kinds: list[str]
) -> None:
    async with serve_identity_at(registry, now) as client:
        _, school = await _get(client, f"/v1/schools/{OTHER_NPSN}")
        _, teacher = await _get(client, f"/v1/teachers/{PLT_TEACHER}")
    heads = school["headships"]
    assert [one["kind"] for one in heads] == kinds
    assert (heads[-1]["ptk_id"], heads[-1]["valid_from"]) == (str(PLT_TEACHER), "2024-01-06")
    assert [one["valid_until"] for one in heads] == ["2024-01-06"] * (len(heads) - 1) + [None]
    assert teacher["headships"] == [
        {
            "npsn": OTHER_NPSN,
            "zone": "Asia/Jayapura",
            "kind": "plt",
            "valid_from": "2024-01-06",
            "valid_until": None,
        }
    ]


@pytest.mark.parametrize(
    ("path", "status", "code", "place"),
    [
        (f"/v1/teachers/{ptk(404)}", 404, "teacher.unknown", ["ptk_id"]),
        ("/v1/teachers/1", 400, "teacher.bad_id", ["ptk_id"]),
        (f"/v1/teachers/{TEACHER.hex}", 400, "teacher.bad_id", ["ptk_id"]),
        ("/v1/teachers/%00", 400, "teacher.bad_id", ["ptk_id"]),
        ("/v1/accounts/%00", 400, "account.bad_id", ["account_id"]),
        (f"/v1/accounts/{ptk(404)}", 404, "account.unknown", ["account_id"]),
        ("/v1/schools/99999999", 404, "school.unknown", ["npsn"]),
        ("/v1/schools/9900000", 400, "school.bad_npsn", ["npsn"]),
        ("/v1/schools/X9000001", 400, "school.bad_npsn", ["npsn"]),
        ("/v1/schools/9900000%00", 400, "school.bad_npsn", ["npsn"]),
        ("/v1/schools/%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0", 400, "school.bad_npsn", ["npsn"]),
        ("/v1/changes?after=-1", 400, "changes.bad_number", ["after"]),
        ("/v1/changes?after=x", 400, "changes.bad_number", ["after"]),
        ("/v1/changes?after=9223372036854775808", 400, "changes.bad_number", ["after"]),
        ("/v1/changes?after=%D9%A1", 400, "changes.bad_number", ["after"]),
        ("/v1/changes?limit=", 400, "changes.bad_number", ["limit"]),
        ("/v1/changes?limit=0", 400, "changes.bad_number", ["limit"]),
        ("/v1/changes?limit=1001", 400, "changes.bad_number", ["limit"]),
        ("/v1/changes?limit=1.5", 400, "changes.bad_number", ["limit"]),
    ],
)
async def test_malformed_request_is_a_problem(
    client: aiohttp.ClientSession, path: str, status: int, code: str, place: list[str]
) -> None:
    got, answer = await _get(client, path, **{"accept-language": "en"})
    assert (got, list_codes(answer), answer["problems"][0]["path"]) == (status, [code], place)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", f"Basic {DEV_CLIENT_SECRET}", DEV_CLIENT_SECRET, "Bearer \u00ff",
     f"Bearer {DEV_CLIENT_SECRET}"],
)  # fmt: skip
async def test_request_without_a_valid_token_is_refused(
    client: aiohttp.ClientSession, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header}
    with counting_queries() as queries:
        async with client.get(path, headers=headers) as response:
            assert (response.status, response.headers["www-authenticate"].split()[0]) == (401, "Bearer")
            (code,) = list_codes(await response.json())
            assert code == ("bearer.required" if header is None else "bearer.invalid")
    assert queries == []


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_matching_etag_returns_304(client: aiohttp.ClientSession, path: str) -> None:
    service = await authorization(client)
    async with client.get(path, headers=service) as response:
        tag, body = response.headers["etag"], response.headers["cache-control"]
        assert (response.status, tag[0], tag[-1], body) == (200, '"', '"', "private, no-cache")
    for held in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        async with client.get(path, headers=service | {"if-none-match": held}) as response:
            assert (response.status, response.headers["etag"], await response.read()) == (304, tag, b"")
    for other_tag in ('"other"', tag.strip('"'), ""):
        async with client.get(path, headers=service | {"if-none-match": other_tag}) as response:
            assert response.status == 200


async def test_etag_of_a_school_changes_when_a_headship_ends(
    registry: Database,
) -> None:
    tags = set()
    for day in (5, 6, 7):
        now = datetime(2024, 1, day, 3, tzinfo=UTC)
        path = f"/v1/schools/{OTHER_NPSN}"
        async with serve_identity_at(registry, now) as client:
            service = await authorization(client)
            async with client.get(path, headers=service) as response:
                tags.add(response.headers["etag"])
    assert len(tags) == 2


@pytest.mark.parametrize(
    ("path", "max_queries"),
    [
        (f"/v1/teachers/{TEACHER}", 13),
        (f"/v1/teachers/{PLT_TEACHER}", 14),
        (f"/v1/schools/{NPSN}", 9),
        ("/v1/changes", 2),
        ("/.well-known/jwks.json", 1),
    ],
)
async def test_number_of_queries_is_bounded(
    client: aiohttp.ClientSession, path: str, max_queries: int
) -> None:
    service = await authorization(client)
    with counting_queries() as queries:
        status, _ = await _get_as(service, client, path)
    assert status == 200
    assert 1 <= len(queries) <= max_queries


async def test_reader_of_the_feed_sees_every_change_once(client: aiohttp.ClientSession) -> None:
    everything = [change.seq for change in await tables.Change.all().order_by("seq")]
    seqs: list[int] = []
    after, more = 0, True
    while more:
        status, page = await _get(client, f"/v1/changes?after={after}&limit=2")
        assert (status, len(page["changes"]) <= 2) == (200, True)
        seqs += [change["seq"] for change in page["changes"]]
        after, more = page["next"], page["more"]
    assert seqs == everything
    assert len(seqs) > 4
    _, end = await _get(client, f"/v1/changes?after={after}")
    last = end.pop("previous")
    assert end == {"changes": [], "next": after, "more": False}
    assert last["seq"] == after
    _, beyond = await _get(client, f"/v1/changes?after={after + 1}")
    assert beyond == {"previous": None, "changes": [], "next": after + 1, "more": False}


async def test_change_has_kind_key_and_instant(client: aiohttp.ClientSession) -> None:
    _, page = await _get(client, "/v1/changes?limit=1")
    assert page == {
        "previous": None,
        "changes": [{"seq": 1, "kind": "school", "key": NPSN, "at": "2024-01-02T03:00:00Z"}],
        "next": 1,
        "more": True,
    }


async def test_revision_is_the_number_of_the_last_change(client: aiohttp.ClientSession) -> None:
    async def work(connection: Connection) -> None:
        await people_store.insert_changes({("school", NPSN), ("teacher", str(TEACHER))}, NOW, connection)

    _, before = await _get(client, f"/v1/schools/{NPSN}")
    await run_in_transaction(work)
    _, school = await _get(client, f"/v1/schools/{NPSN}")
    _, teacher = await _get(client, f"/v1/teachers/{TEACHER}")
    _, page = await _get(client, f"/v1/changes?after={before['change_number']}")
    assert {school["change_number"], teacher["change_number"]} <= {
        change["seq"] for change in page["changes"]
    }
    assert school["change_number"] > before["change_number"]


NUMBERS = {"nip": "198502032010012901"}


async def _resolve(client: aiohttp.ClientSession, body: object) -> tuple[int, Any]:
    request_body = {"data": body} if isinstance(body, bytes) else {"json": body}
    async with client.post(
        "/v1/teachers/resolve", headers=await authorization(client), **request_body
    ) as response:
        assert response.headers["cache-control"] == "no-store"
        return response.status, await response.json()


async def test_numbers_are_resolved_in_order(registry: Database, client: aiohttp.ClientSession) -> None:
    keys = [
        {"nip": "198502032010012902"},
        NUMBERS,
        {"nip": "x"},
        {"nuptk": "9999999999999901"},
        {"nip": "198502032010012902"},
    ]
    status, body = await _resolve(client, {"keys": keys})
    assert (status, body) == (
        200,
        {"ptk_ids": [str(PLT_TEACHER), None, None, str(TEACHER), str(PLT_TEACHER)]},
    )
    assert await _resolve(client, {"keys": []}) == (200, {"ptk_ids": []})


@pytest.mark.parametrize(
    "body", [b"", b"x", b"\xff", [], {"keys": "x"}, {"keys": [{"nik": "1"}]}, {"keys": [NUMBERS] * 101}]
)
async def test_malformed_list_of_numbers_is_refused(client: aiohttp.ClientSession, body: object) -> None:
    status, response = await _resolve(client, body)
    assert (status, list_codes(response)) == (400, ["teacher.bad_keys"])


@pytest.mark.parametrize("count", [0, 1, 100])
async def test_resolving_needs_one_statement_besides_the_key(
    client: aiohttp.ClientSession, count: int
) -> None:
    service = await authorization(client)
    with counting_queries() as queries:
        async with client.post(
            "/v1/teachers/resolve", headers=service, json={"keys": [NUMBERS] * count}
        ) as response:
            assert response.status == 200
    assert len(queries) == 2
