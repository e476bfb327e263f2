"""Versions of the workflow through their life, by admins over GraphQL: who may, what is refused, whom it reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.identity.accounts.commands import grant_scope
from services.kit.change_request import EXPIRES_AFTER
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning import reference_data as reference
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.composing import complete, decided, submitted
from tests.integration.planning.crowd import at_once
from tests.integration.planning.house import JANUARY, House, codes, connected, house_at, planning_at
from tests.integration.planning.publishing import (
    NEW_YEAR,
    OTHER,
    REASON,
    SECOND,
    SHIPPED,
    act,
    approved,
    did,
    read,
    sha_of,
    shipped_with,
)
from tests.small_registry import (
    ADMIN,
    AS_OF,
    COLLEAGUE,
    HEAD_OF_SD,
    OTHER_ACCOUNT,
    PLT_OF_TK,
    PNS,
    email_of,
    import_registry,
)
from workflows.files.loader import load, shipped
from workflows.model.canonical import canonical
from workflows.model.definition import Definition

ACTS = ("draftWorkflow", "approveWorkflow", "rejectWorkflow", "publishWorkflow", "retireWorkflow")
UNSOUND = shipped_with("from: submitted\n    to: approved\n", "from: submitted\n    to: draft\n")
NEEDS_MORE = shipped_with(
    "params:\n", "params:\n  stars:\n    type: int\n    maximum: 5\n    label: {id: Bintang, en: Stars}\n"
)
OTHER_TYPE = shipped_with(
    "  revision_days:\n    type: int\n    default: 7\n    minimum: 1\n    maximum: 366\n",
    "  revision_days:\n    type: int\n    default: 3\n    minimum: 1\n    maximum: 5\n",
)


@pytest.fixture(scope="module")
async def admins(fresh_url: Fresh) -> AsyncIterator[Database]:
    """The small registry with two admins, and a teacher whose two accounts are an admin's."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
            for account in (email_of(PNS), OTHER_ACCOUNT):
                await grant_scope(account, "admin", "test", AS_OF)
        yield database


@pytest.fixture
async def house(admins: Database, own: Database) -> AsyncIterator[House]:
    async with house_at(admins, own) as house:
        yield house


async def stored(house: House) -> list[dict[str, Any]]:
    """All that acts write, to the letter."""
    versions = await house.sql("SELECT v::text AS row FROM workflow_version v ORDER BY sha256")
    return [*versions, *await house.sql("SELECT a::text AS row FROM admin_act a ORDER BY id")]


async def workflow_of(house: House, teacher: int) -> str:
    (row,) = await house.sql("SELECT workflow FROM plan WHERE ptk_id = $1", ptk(teacher))
    return str(row["workflow"])


async def add_revision(house: House, number: int, changed: str) -> None:
    """A revision of the period with a value more, in effect since the new year."""
    await house.sql(
        "INSERT INTO period_revision (period, number, values, author, approver, reason, effective_from) "
        "SELECT period, $1, values || $3::jsonb, author, approver, reason, $2 FROM period_revision "
        "WHERE number = 1", number, NEW_YEAR, changed,
    )  # fmt: skip


async def test_from_draft_to_published_new_plans_follow_and_living_ones_keep_theirs(house: House) -> None:
    old = await submitted(house, PNS)
    draft = await did(house, ADMIN, "draftWorkflow", yaml=OTHER, reason="Kata yang lebih jelas")
    sha = draft["sha256"]
    assert (sha, draft["status"], draft["parent"], draft["replayed"]) == (
        sha_of(OTHER),
        "DRAFTED",
        SHIPPED,
        False,
    )
    assert (await did(house, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"
    await submitted(house, COLLEAGUE)
    assert await workflow_of(house, COLLEAGUE) == SHIPPED
    published = await did(house, ADMIN, "publishWorkflow", sha256=sha)
    assert published["status"] == "PUBLISHED"
    told = [
        (one["act"], one["reason"], one["by"]["kind"], one["by"]["isViewer"]) for one in published["acts"]
    ]
    assert told == [
        ("DRAFTED", "Kata yang lebih jelas", "ADMIN", True),
        ("APPROVED", REASON, "ADMIN", False),
        ("PUBLISHED", REASON, "ADMIN", True),
    ]
    new = await house.person(HEAD_OF_SD)
    assert (await read(await house.person(SECOND), "sha256 status"))["sha256"] == sha
    assert (await read(await house.person(SECOND), "status", SHIPPED))["status"] == "APPROVED"
    assert (await old.plan())["state"]["label"] == "Diajukan"
    assert (await decided(house, HEAD_OF_SD, old, "approvePlan"))["state"]["phase"] == "APPROVED"
    assert new.ptk_id is not None


async def test_a_new_plan_speaks_the_words_of_the_version_that_is_published(house: House) -> None:
    sha = await approved(house)
    await did(house, SECOND, "publishWorkflow", sha256=sha)
    teacher = await submitted(house, PNS)
    assert (await teacher.plan())["state"]["label"] == "Sudah diajukan"
    assert await workflow_of(house, PNS) == sha


async def test_published_is_published_in_every_process_at_once(house: House, own: Database) -> None:
    sha = await approved(house)
    async with planning_at(own, JANUARY, str(house.identity._base_url)) as second:
        beside = House(house.now, house.identity, second, own)
        await complete(await beside.person(PNS))
        await did(house, ADMIN, "publishWorkflow", sha256=sha)
        await complete(await beside.person(COLLEAGUE))
    assert (await workflow_of(house, PNS), await workflow_of(house, COLLEAGUE)) == (SHIPPED, sha)


async def test_an_older_version_is_published_again_and_that_is_an_act_of_its_own(house: House) -> None:
    sha = await approved(house)
    await did(house, ADMIN, "publishWorkflow", sha256=sha)
    back = await did(house, SECOND, "publishWorkflow", sha256=SHIPPED, reason="Kembali ke semula")
    assert [(one["act"], one["by"]["kind"]) for one in back["acts"]] == [
        ("PUBLISHED", "RELEASE"), ("PUBLISHED", "ADMIN"),
    ]  # fmt: skip
    await submitted(house, PNS)
    assert await workflow_of(house, PNS) == SHIPPED


@pytest.mark.parametrize(
    ("text", "code"), [(UNSOUND, "lint."), ("on: {a: 1}\non: 2\n", "yaml."), ("- a", "")]
)
async def test_a_broken_definition_is_refused_with_its_findings_and_nothing_is_kept(
    house: House, text: str, code: str
) -> None:
    before = await stored(house)
    answer = await act(house, ADMIN, "draftWorkflow", yaml=text)
    assert answer["__typename"] == "Refused"
    assert all(
        one["code"].startswith(code) and one["path"] == ["input", "yaml"] for one in answer["problems"]
    )
    assert {one["__typename"] for one in answer["problems"]} == {"WorkflowProblem"}
    assert await stored(house) == before


async def test_a_finding_has_its_place_its_line_and_a_witness_in_the_readers_language(house: House) -> None:
    problems = (await act(house, ADMIN, "draftWorkflow", yaml=UNSOUND))["problems"]
    (found,) = (one for one in problems if one["code"] == "lint.unreachable")
    assert found["place"] == "states.approved"
    assert UNSOUND.splitlines()[found["line"] - 1] == "  approved:"
    assert found["witness"][0].startswith("Tidak satu pun perintah")
    assert "status approved" in found["message"]


async def test_a_reason_is_needed_and_told_together_with_the_findings(house: House) -> None:
    before = await stored(house)
    found = codes(await act(house, ADMIN, "draftWorkflow", yaml=UNSOUND, reason=" "))
    assert found[0] == "reason.missing"
    assert len(found) > 1
    assert await stored(house) == before
    sha = await approved(house)
    before = await stored(house)
    for what in ACTS[1:]:
        assert "text.too_long" in codes(await act(house, ADMIN, what, sha256=sha, reason="a" * 2_001))
    assert await stored(house) == before


async def test_the_same_content_again_is_the_version_that_stands_with_its_author(house: House) -> None:
    first = await did(house, ADMIN, "draftWorkflow", yaml=OTHER)
    before = await stored(house)
    again = await did(house, SECOND, "draftWorkflow", yaml="# another comment\n" + OTHER)
    assert (again["sha256"], again["replayed"], again["acts"][0]["at"]) == (
        first["sha256"], True, first["acts"][0]["at"],
    )  # fmt: skip
    assert await stored(house) == before
    assert codes(await act(house, ADMIN, "approveWorkflow", sha256=first["sha256"])) == [
        "change_request.is_yours"
    ]


async def test_somebody_with_two_accounts_is_no_second_person(house: House) -> None:
    sha = (await did(house, PNS, "draftWorkflow", yaml=OTHER))["sha256"]
    before = await stored(house)
    assert codes(await act(house, OTHER_ACCOUNT, "approveWorkflow", sha256=sha)) == [
        "change_request.is_yours"
    ]
    assert await stored(house) == before
    assert (await did(house, ADMIN, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("who", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_whoever_is_no_admin_does_nothing(house: House, who: int, what: str) -> None:
    sha = (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["sha256"]
    before = await stored(house)
    given: dict[str, object] = {"yaml": NEEDS_MORE} if what == "draftWorkflow" else {"sha256": sha}
    answer = await act(house, who, what, **given)
    assert (codes(answer), answer["standing"]) == (["actor.not_admin"], None)
    assert await stored(house) == before


@pytest.mark.parametrize("what", ACTS)
async def test_nobody_does_nothing(house: House, what: str) -> None:
    before = await stored(house)
    kind = "DraftWorkflow" if what == "draftWorkflow" else "WorkflowAct"
    given = {"reason": REASON} | ({"yaml": OTHER} if what == "draftWorkflow" else {"sha256": SHIPPED})
    query = f"mutation M($input: {kind}Input!) {{ {what}(input: $input) {{ __typename }} }}"
    _, answer = await house.nobody().send({"query": query, "variables": {"input": given}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await stored(house) == before


@pytest.mark.parametrize("query", ["{ workflow { sha256 } }", "{ workflows { edges { cursor } } }"])
@pytest.mark.parametrize("who", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_versions_are_read_by_admins_only(house: House, who: int, query: str) -> None:
    _, answer = await (await house.person(who)).send({"query": query})
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["actor.not_admin"]


async def test_what_a_version_is_not_ready_for_is_refused(house: House) -> None:
    async def refused(what: str, sha256: str, who: str = SECOND) -> str:
        before = await stored(house)
        (code,) = codes(await act(house, who, what, sha256=sha256))
        assert await stored(house) == before
        return code

    for what in ACTS[1:]:
        assert await refused(what, "0" * 64) == "workflow.unknown"
        assert await refused(what, "DROP TABLE plan") == "workflow.unknown"
    sha = (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["sha256"]
    assert await refused("publishWorkflow", sha) == "workflow.not_approved"
    assert await refused("approveWorkflow", sha, ADMIN) == "change_request.is_yours"
    await did(house, SECOND, "approveWorkflow", sha256=sha)
    assert await refused("approveWorkflow", sha) == "workflow.approved_already"
    assert await refused("retireWorkflow", SHIPPED) == "workflow.in_use"
    assert await refused("publishWorkflow", SHIPPED) == "workflow.published_already"
    assert await refused("rejectWorkflow", sha) == "workflow.approved_already"
    await did(house, ADMIN, "retireWorkflow", sha256=sha)
    for what in ("publishWorkflow", "approveWorkflow", "rejectWorkflow"):
        assert await refused(what, sha) == "workflow.retired"
    assert await refused("retireWorkflow", sha) == "workflow.retired_already"
    again = await did(house, SECOND, "draftWorkflow", yaml=OTHER)
    assert (again["status"], again["replayed"]) == ("DRAFTED", False)
    assert await refused("approveWorkflow", sha) == "change_request.is_yours"
    assert (await did(house, ADMIN, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_a_rejected_draft_is_over_until_it_is_drafted_again(house: House) -> None:
    sha = (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["sha256"]
    before = await stored(house)
    assert codes(await act(house, ADMIN, "rejectWorkflow", sha256=sha)) == ["change_request.is_yours"]
    assert await stored(house) == before

    rejected = await did(house, SECOND, "rejectWorkflow", sha256=sha)

    assert (rejected["status"], [one["act"] for one in rejected["acts"]]) == (
        "REJECTED",
        ["DRAFTED", "REJECTED"],
    )
    before = await stored(house)
    for what in ("approveWorkflow", "publishWorkflow", "rejectWorkflow"):
        assert codes(await act(house, SECOND, what, sha256=sha)) == ["change_request.rejected"]
    assert await stored(house) == before
    assert (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["status"] == "DRAFTED"
    assert (await did(house, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_a_draft_expires(house: House, own: Database, admins: Database) -> None:
    sha = (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["sha256"]
    async with house_at(admins, own, JANUARY + EXPIRES_AFTER) as later:
        before = await stored(later)
        for what in ("approveWorkflow", "rejectWorkflow", "publishWorkflow"):
            assert codes(await act(later, SECOND, what, sha256=sha)) == ["change_request.expired"]
        assert (await read(await later.person(SECOND), "status", sha))["status"] == "EXPIRED"
        assert await stored(later) == before
        assert not (await did(later, ADMIN, "draftWorkflow", yaml=OTHER))["replayed"]
        assert (await did(later, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_what_a_release_ships_is_a_draft_once_there_are_plans(
    house: House, own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await complete(await house.person(PNS))
    text = shipped_with("id: Disetujui,", "id: Telah disetujui,")
    monkeypatch.setattr(reference, "shipped", text.encode)
    for _ in range(2):
        with own.active():
            await reference.keep_shipped_workflow(Clock(JANUARY), own.connection)
    assert (await read(await house.person(ADMIN), "sha256"))["sha256"] == SHIPPED
    assert (await read(await house.person(ADMIN), "status", sha_of(text)))["status"] == "DRAFTED"
    await did(house, ADMIN, "approveWorkflow", sha256=sha_of(text))
    assert (await did(house, ADMIN, "publishWorkflow", sha256=sha_of(text)))["status"] == "PUBLISHED"


@pytest.mark.parametrize("name", ["a" * 5_000, "a" * 65, "é", ""])
async def test_a_version_of_whatever_name_is_just_not_there(house: House, name: str) -> None:
    before, admin = await stored(house), await house.person(ADMIN)
    for what in ACTS[1:]:
        assert codes(await act(house, ADMIN, what, sha256=name)) == ["workflow.unknown"]
    if name:  # an empty one is none: the parent is the published version
        assert codes(await act(house, ADMIN, "draftWorkflow", yaml=OTHER, parent=name)) == [
            "workflow.parent_unknown"
        ]
        asked = await admin.ask("query Q($sha: ID, $name: String!) { workflow(sha256: $sha) { status } "
                                "workflows(name: $name) { edges { cursor } } }", sha=name, name=name)  # fmt: skip
        assert asked == {"workflow": None, "workflows": {"edges": []}}
    _, answer = await admin.send({"query": f'{{ workflow {{ diff(to: "{name}") {{ class }} }} }}'})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["REFUSED"]
    assert await stored(house) == before


async def test_plans_that_live_by_a_retired_version_go_on(house: House) -> None:
    teacher = await submitted(house, PNS)
    await did(house, ADMIN, "publishWorkflow", sha256=await approved(house))
    assert (await did(house, ADMIN, "retireWorkflow", sha256=SHIPPED))["status"] == "RETIRED"
    assert (await decided(house, HEAD_OF_SD, teacher, "approvePlan"))["state"]["phase"] == "APPROVED"
    assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_a_parent_is_a_version_of_the_same_workflow(house: House) -> None:
    before = await stored(house)
    assert codes(await act(house, ADMIN, "draftWorkflow", yaml=OTHER, parent="0" * 64)) == [
        "workflow.parent_unknown"
    ]
    assert await stored(house) == before
    sha = await approved(house)
    child = await did(house, ADMIN, "draftWorkflow", yaml=NEEDS_MORE, parent=sha)
    assert child["parent"] == sha


async def test_a_value_that_a_period_does_not_give_is_named_at_publishing(house: House) -> None:
    sha = await approved(house, NEEDS_MORE)
    before = await stored(house)
    answer = await act(house, ADMIN, "publishWorkflow", sha256=sha)
    assert codes(answer) == ["workflow.parameter_missing"]
    assert all(word in answer["problems"][0]["message"] for word in ("stars", "2024-1"))
    assert await stored(house) == before
    await add_revision(house, 3, '{"stars": 9}')
    answer = await act(house, ADMIN, "publishWorkflow", sha256=sha)
    assert codes(answer) == ["workflow.parameter_unfit"]
    assert "9 di luar batas" in answer["problems"][0]["message"]
    await add_revision(house, 4, '{"stars": 4}')
    assert (await did(house, ADMIN, "publishWorkflow", sha256=sha))["status"] == "PUBLISHED"


async def test_a_value_out_of_new_bounds_is_told_and_a_period_that_is_over_is_not_asked(
    house: House, own: Database, admins: Database
) -> None:
    sha = await approved(house, OTHER_TYPE)
    assert codes(await act(house, ADMIN, "publishWorkflow", sha256=sha)) == ["workflow.parameter_unfit"]
    async with house_at(admins, own, JANUARY.replace(month=7, day=2)) as july:
        assert (await did(july, ADMIN, "publishWorkflow", sha256=sha))["status"] == "PUBLISHED"


async def test_what_a_later_linter_refuses_is_not_published_any_more(house: House) -> None:
    body = canonical(load(UNSOUND)).decode()
    sha = sha_of(UNSOUND)
    await house.sql(
        "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'perencanaan-kinerja', $2, $3)",
        sha, body, NEW_YEAR,
    )  # fmt: skip
    await house.sql(
        "INSERT INTO admin_act (subject, act, actor_kind, account, reason, at, detail) SELECT "
        "'workflow perencanaan-kinerja', act, 'operator', 'Sari', '', $2, jsonb_build_object('sha256', $1::text) "
        "FROM unnest(ARRAY['published', 'published']) AS act", sha, NEW_YEAR,
    )  # fmt: skip
    await did(house, ADMIN, "publishWorkflow", sha256=SHIPPED)
    before = await stored(house)
    answer = await act(house, ADMIN, "publishWorkflow", sha256=sha)
    assert "lint.unreachable" in codes(answer)
    assert answer["problems"][0]["path"] == ["input", "sha256"]
    assert await stored(house) == before


async def test_a_definition_that_could_not_be_given_out_again_is_refused(house: House) -> None:
    # Written tightly it is within the limit; as canonical JSON it would be beyond it, and no process could read it.
    rows = "".join(
        f"  - {{id: r{n}, trigger: t{n}, from: draft, to: draft, by: {{role: admin}}, "
        f"label: {{id: 'Coba {n}', en: 'Try {n}'}}}}\n" for n in range(500)
    )  # fmt: skip
    text = shipped_with("\ntimers:\n", f"\n{rows}\ntimers:\n")
    assert len(text.encode()) < 65_536
    found = codes(await act(house, ADMIN, "draftWorkflow", yaml=text))
    assert found == ["yaml.too_large"]


async def test_of_ten_approvals_at_once_one_counts(house: House, own: Database) -> None:
    sha = (await did(house, ADMIN, "draftWorkflow", yaml=OTHER))["sha256"]
    outcomes = await at_once(
        own, "change_request", [act(house, SECOND, "approveWorkflow", sha256=sha) for _ in range(10)]
    )
    kinds = [told["__typename"] for told in outcomes if isinstance(told, dict)]
    assert sorted(kinds) == ["Refused"] * 9 + ["WorkflowVersion"]


async def test_the_next_release_brings_a_draft_once_admins_have_published(
    house: House, own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def released(text: str) -> None:
        monkeypatch.setattr(reference, "shipped", text.encode)
        with own.active():
            await reference.keep_shipped_workflow(Clock(NEW_YEAR), own.connection)

    admin = await house.person(ADMIN)
    second_release = shipped_with("id: Disetujui,", "id: Telah disetujui,")
    await released(second_release)
    assert (await read(admin, "sha256"))["sha256"] == sha_of(second_release)
    await released(shipped().decode())  # the release before, still running beside it
    assert (await read(admin, "sha256"))["sha256"] == sha_of(second_release)
    sha = await approved(house)
    await did(house, ADMIN, "publishWorkflow", sha256=sha)
    third_release = shipped_with("id: Disetujui,", "id: Sah,")
    await released(third_release)
    await released(third_release)
    assert (await read(admin, "sha256"))["sha256"] == sha
    brought = await read(admin, "status acts { act by { kind account } }", sha_of(third_release))
    assert brought["status"] == "DRAFTED"
    assert [(one["act"], one["by"]["kind"]) for one in brought["acts"]] == [("DRAFTED", "RELEASE")]
    assert brought["acts"][0]["by"]["account"].startswith("rencana ")
    await did(house, ADMIN, "approveWorkflow", sha256=sha_of(third_release))
    await did(house, ADMIN, "publishWorkflow", sha256=sha_of(third_release))


async def test_a_release_whose_definition_a_period_does_not_suffice_for_brings_a_draft(
    house: House, own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    needy = shipped_with(
        "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    )
    monkeypatch.setattr(reference, "shipped", needy.encode)
    for _ in range(2):
        with own.active():
            await reference.keep_shipped_workflow(Clock(NEW_YEAR), own.connection)
    admin = await house.person(ADMIN)
    assert (await read(admin, "sha256"))["sha256"] == SHIPPED
    brought = await read(admin, "status acts { act }", sha_of(needy))
    assert brought == {"status": "DRAFTED", "acts": [{"act": "DRAFTED"}]}
    await submitted(house, PNS)
    assert await workflow_of(house, PNS) == SHIPPED


async def test_yaml_out_is_yaml_in(house: House) -> None:
    admin = await house.person(ADMIN)
    text = (await read(admin, "yaml"))["yaml"]
    assert sha_of(text) == SHIPPED
    again = await did(house, ADMIN, "draftWorkflow", yaml=text)
    assert (again["sha256"], again["replayed"]) == (SHIPPED, True)


async def test_what_changes_is_told_in_words_and_with_its_class(house: House) -> None:
    sha = await approved(house)
    admin = await house.person(ADMIN)
    query = "query Q($to: ID!) { workflow { diff(to: $to) { class changes { code sentence class place } } } }"
    diff = (await admin.ask(query, to=sha))["workflow"]["diff"]
    (change,) = diff["changes"]
    assert (diff["class"], change["class"], change["code"]) == ("ADDITIVE", "ADDITIVE", "diff.label")
    assert change["place"] == "states.submitted.label"
    assert "Sudah diajukan" in change["sentence"]
    assert (await admin.ask(query, to=SHIPPED))["workflow"]["diff"] == {"class": "ADDITIVE", "changes": []}
    _, unknown = await admin.send({"query": query, "variables": {"to": "0" * 64}})
    assert unknown["errors"][0]["extensions"]["problem"] == {"code": "workflow.unknown", "path": ["to"]}


async def test_the_diagram_counts_the_plans_of_a_period_and_plans_are_counted_by_state(house: House) -> None:
    await submitted(house, PNS)
    await complete(await house.person(COLLEAGUE))
    admin = await house.person(ADMIN)
    found = await read(admin, 'bare: diagram live: diagram(period: "2024-1") plans { period state plans }')
    assert 'state "Diajukan" as s_submitted' in found["bare"]
    assert 'state "Diajukan (1)" as s_submitted' in found["live"]
    assert 'state "Disetujui (0)" as s_approved' in found["live"]
    assert found["plans"] == [
        {"period": "2024-1", "state": "draft", "plans": 1},
        {"period": "2024-1", "state": "submitted", "plans": 1},
    ]


async def test_versions_are_listed_newest_first_page_by_page(house: House) -> None:
    shas = [await approved(house, shipped_with("id: Diajukan,", f"id: Diajukan {n},")) for n in range(3)]
    admin = await house.person(ADMIN)
    query = """query Q($first: Int!, $after: String) { workflows(first: $first, after: $after) {
      edges { cursor node { sha256 status plans { plans } } } pageInfo { hasNextPage endCursor } } }"""
    page = (await admin.ask(query, first=3))["workflows"]
    assert [edge["node"]["sha256"] for edge in page["edges"]] == shas[::-1]
    assert page["pageInfo"]["hasNextPage"]
    rest = (await admin.ask(query, first=3, after=page["pageInfo"]["endCursor"]))["workflows"]
    assert [edge["node"]["sha256"] for edge in rest["edges"]] == [SHIPPED]
    assert not rest["pageInfo"]["hasNextPage"]
    _, answer = await admin.send({"query": query, "variables": {"first": 0}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "page.size"
    _, answer = await admin.send({"query": query, "variables": {"first": 1, "after": "x"}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "cursor.invalid"


async def test_a_version_of_another_release_is_shown_with_what_is_known_of_it(house: House) -> None:
    body = canonical(load(shipped())).decode().replace('"format":1', '"format":2')
    await house.sql(
        "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'perencanaan-kinerja', $2, $3)",
        "f" * 64, body, NEW_YEAR,
    )  # fmt: skip
    admin = await house.person(ADMIN)
    assert (await admin.ask("query Q($s: ID) { workflow(sha256: $s) { name } }", s="f" * 64))[
        "workflow"
    ] is None
    await house.sql(
        "WITH request AS (INSERT INTO change_request (kind, kind_version, subject, before, after, reason, state, "
        "expires_at) VALUES ('workflow_version', 1, 'workflow perencanaan-kinerja', '{}', "
        "jsonb_build_object('sha256', $1::text), '', 'proposed', now() + interval '1 day') RETURNING id) "
        "INSERT INTO admin_act (change_request, subject, act, actor_kind, account, reason, at, detail) SELECT id, "
        "'workflow perencanaan-kinerja', 'proposed', 'release', 'rencana 99', '', $2, '{}' FROM request",
        "f" * 64, NEW_YEAR,
    )  # fmt: skip
    shown = await read(admin, f'status label yaml diagram diff(to: "{SHIPPED}") {{ class }}', "f" * 64)
    assert shown == {"status": "DRAFTED", "label": None, "yaml": None, "diagram": None, "diff": None}
    await did(house, ADMIN, "approveWorkflow", sha256="f" * 64)
    assert "definition.unknown_format" in codes(await act(house, ADMIN, "publishWorkflow", sha256="f" * 64))


def test_no_text_of_this_module_is_the_shipped_one() -> None:
    definitions: list[Definition] = [load(text) for text in (OTHER, UNSOUND, NEEDS_MORE, OTHER_TYPE)]
    assert len({sha_of(text) for text in (OTHER, UNSOUND, NEEDS_MORE, OTHER_TYPE)} - {SHIPPED}) == len(
        definitions
    )
