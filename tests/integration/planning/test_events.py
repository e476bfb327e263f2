"""Stored events: their format, the hash chain, and the erasable texts."""

from __future__ import annotations

import hashlib
import json

from services.kit.text import normalize_text
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import NOTE, RHK, SUB_INDIKATOR, decide_as_head, submit_plan
from tests.integration.planning.verification import find_faults
from tests.small_registry import HEAD_OF_SD, OF_TK, PNS, SD

FIELDS = {
    "format", "id", "kind", "ptk_id", "period", "npsn", "version", "at", "from", "to", "workflow", "catalog",
    "trigger", "transition", "parameters", "evidence", "acknowledged_warnings", "exceptional", "detail", "actor",
    "on_behalf_of", "digests", "prev_hash",
}  # fmt: skip


async def bodies_of(environment: Environment, number: int) -> list[str]:
    rows = await environment.sql(
        "SELECT body FROM plan_event WHERE ptk_id = $1 ORDER BY version", ptk(number)
    )
    return [row["body"] for row in rows]


async def test_chain_verifies_and_ends_with_the_last_hash_of_the_plan(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert await find_faults(environment) == []
    bodies = await bodies_of(environment, PNS)
    plan = (await environment.sql("SELECT version, last_hash, state FROM plan"))[0]
    assert [json.loads(body)["version"] for body in bodies] == list(range(1, plan["version"] + 1))
    assert json.loads(bodies[-1])["to"] == plan["state"]
    assert hashlib.sha256(bodies[-1].encode()).hexdigest() == plan["last_hash"]


async def test_columns_of_an_event_repeat_its_body(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    rows = await environment.sql(
        "SELECT version, id::text, kind, to_state, at, body FROM plan_event ORDER BY version"
    )
    assert len(rows) == 8
    for row in rows:
        body = json.loads(row["body"])
        assert body.keys() == FIELDS
        assert {name: body[name] for name in ("version", "id", "kind", "to")} == {
            "version": row["version"],
            "id": row["id"],
            "kind": row["kind"],
            "to": row["to_state"],
        }
        assert (body["at"], body["ptk_id"]) == (row["at"].isoformat(), teacher.ptk_id)
    assert len({row["id"] for row in rows}) == 8
    states = [(json.loads(row["body"])["from"], row["to_state"]) for row in rows]
    assert states == [
        (None, "draft"), *[("draft", "draft")] * 5, ("draft", "submitted"), ("submitted", "auto_approved"),
    ]  # fmt: skip


async def test_event_names_actor_school_and_evidence(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    submission, approval = (json.loads(body) for body in (await bodies_of(environment, PNS))[-2:])
    assert (submission["actor"]["kind"], submission["actor"]["ptk_id"]) == ("person", str(ptk(PNS)))
    assert submission["on_behalf_of"] is None
    assert approval["actor"]["ptk_id"] == str(ptk(HEAD_OF_SD))
    assert approval["on_behalf_of"] == {"npsn": SD, "head": "definitif"}
    assert (approval["trigger"], approval["transition"], approval["parameters"]) == ("approve", "approve", 1)
    assert approval["evidence"]["head"] == {
        "kind": "definitif", "ptk_id": str(ptk(HEAD_OF_SD)), "is_disputed": False,
    }  # fmt: skip
    assert submission["evidence"]["today"] == "2024-01-15"


async def test_personal_text_is_stored_apart_from_its_event(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    bodies = " ".join(await bodies_of(environment, PNS))
    assert "Mohon lengkapi" not in bodies
    assert RHK["rhk"][0] not in bodies
    texts = {row["name"]: row for row in await environment.sql("SELECT * FROM plan_text")}
    assert texts["reason"]["value"] == NOTE
    assert json.loads(texts["content"]["value"])["pengembangan_kompetensi"] == {"rhk": RHK["rhk"]}
    returned = json.loads((await bodies_of(environment, PNS))[-1])
    salt = f"{texts['reason']['salt']}\n{NOTE}"
    assert returned["digests"]["reason"] == hashlib.sha256(salt.encode()).hexdigest()
    assert texts["nama"]["value"] not in bodies, "of whom decided, the name can be forgotten too"


async def test_data_diri_are_stored_apart_from_their_event(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("correctProfile", 1, pangkatGolongan="IV", ruang="a")
    event = json.loads((await bodies_of(environment, PNS))[-1])
    assert (event["kind"], event["detail"]) == (
        "profile_corrected",
        {"fields": ["pangkat_golongan", "ruang"]},
    )
    start, correction = await environment.sql("SELECT name, value FROM plan_text ORDER BY version")
    assert (start["name"], correction["name"], event["digests"].keys()) == (
        "profile",
        "profile",
        {"profile"},
    )
    ranks = [json.loads(row["value"])["profile"]["pangkat_golongan"]["value"] for row in (start, correction)]
    assert ranks == ["III/c", "IV/a"]
    assert "IV" not in (await bodies_of(environment, PNS))[-1]


async def test_body_with_any_characters_is_stored_as_it_looks(environment: Environment) -> None:
    note = 'Kutipan "ini", garis \\ miring, \u00a0spasi keras, é 漢字 👩\u200d🏫\r\nbaris baru\tdan tab.'
    teacher = await submit_plan(environment, PNS)
    returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=note)
    note = normalize_text(note)
    assert returned["note"] == note
    assert (await environment.sql("SELECT value FROM plan_text WHERE name = 'reason'"))[0]["value"] == note
    assert await find_faults(environment) == []
