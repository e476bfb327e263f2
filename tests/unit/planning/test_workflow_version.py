"""Where a version stands follows from what was done: the life of versions as a small machine, walked at random."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.change_request import EXPIRES_AFTER
from services.planning.callers.model import By, Kind
from services.planning.versions.model import (
    OVER,
    Act,
    Status,
    published_of,
    refusals,
    shipped_act,
    status_of,
    to_come,
)

AT = datetime(2024, 1, 1, tzinfo=UTC)
VERSIONS = ("a", "b", "c")
SARI, SARI_AGAIN, BUDI = (
    By(Kind.ADMIN, "1", "p-sari"),
    By(Kind.ADMIN, "2", "p-sari"),
    By(Kind.OPERATOR, "Budi"),
)
RELEASE = By(Kind.RELEASE, "rencana 1")
PEOPLE = (SARI, SARI_AGAIN, BUDI)
# What may follow on what, for whoever may do it.
COURSE = {
    None: set[Status](),
    Status.DRAFTED: {Status.APPROVED, Status.REJECTED, Status.RETIRED},
    Status.APPROVED: {Status.PUBLISHED, Status.RETIRED},
    Status.PUBLISHED: set[Status](),
    Status.REJECTED: set[Status](),
    Status.EXPIRED: set[Status](),
    Status.RETIRED: set[Status](),
}


def author_of(acts: list[Act], sha256: str) -> By:
    return next(act.by for act in reversed(acts) if act.sha256 == sha256 and act.act is Status.DRAFTED)


def walked(wishes: list[tuple[Status, str, By]]) -> list[Act]:
    """The acts that come of wishes, each done where nothing stands against it, as the use cases do them."""
    acts: list[Act] = []
    for wanted, sha256, by in wishes:
        status = status_of(acts, sha256, AT)
        if by is RELEASE:
            done = shipped_act(acts, sha256, has_plans=False)
        elif wanted is Status.DRAFTED:
            done = wanted if status in {None, *OVER} else None
        else:
            done = None if [*refusals(acts, sha256, wanted, AT)] else wanted
            if done in {Status.APPROVED, Status.REJECTED} and by.is_same_person(author_of(acts, sha256)):
                done = None  # as the rule of change requests has it
            assert done is None or done in COURSE[status]
        if done:
            acts.append(Act("w", len(acts) + 1, sha256, done, by, "", AT))
    return acts


ACTS = [one for one in Status if one is not Status.EXPIRED]
WISHES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(VERSIONS), st.sampled_from((*PEOPLE, RELEASE))),
    max_size=30,
)


@given(WISHES)
def test_whatever_is_wished_a_version_is_only_published_after_a_second_person_approved(
    wishes: list[tuple[Status, str, By]],
) -> None:
    acts = walked(wishes)
    for place, act in enumerate(acts):
        if act.act is Status.PUBLISHED and act.by is not RELEASE:
            before = [one for one in acts[:place] if one.sha256 == act.sha256]
            said = [one for one in before if one.act is Status.APPROVED or one.by is RELEASE]
            assert said, "somebody else stood for it"
        if act.act is Status.APPROVED:
            assert not act.by.is_same_person(author_of(acts[:place], act.sha256))


@given(WISHES)
def test_one_version_is_published_and_stays_so_until_another_is(wishes: list[tuple[Status, str, By]]) -> None:
    acts, last = walked(wishes), None
    for place, act in enumerate(acts, 1):
        last = act.sha256 if act.act is Status.PUBLISHED else last
        published = {one for one in VERSIONS if status_of(acts[:place], one, AT) is Status.PUBLISHED}
        assert published == ({last} if last else set())
        assert published_of(acts[:place]) == last


@given(WISHES, st.sampled_from(VERSIONS))
def test_a_release_never_takes_back_what_a_person_published(
    wishes: list[tuple[Status, str, By]], shipped: str
) -> None:
    acts = walked(wishes)
    by_people = any(act.act is Status.PUBLISHED and act.by is not RELEASE for act in acts)
    assert not (by_people and shipped_act(acts, shipped, has_plans=False) is Status.PUBLISHED)


@pytest.mark.parametrize(
    ("done", "wanted", "code"),
    [
        ([], Status.APPROVED, "workflow.unknown"),
        (["drafted", "rejected"], Status.APPROVED, "change_request.rejected"),
        (["drafted", "rejected"], Status.RETIRED, "workflow.retired_already"),
        (["drafted", "approved"], Status.REJECTED, "workflow.approved_already"),
        (["drafted"], Status.PUBLISHED, "workflow.not_approved"),
        (["drafted", "approved"], Status.APPROVED, "workflow.approved_already"),
        (["drafted", "approved", "published"], Status.APPROVED, "workflow.published_already"),
        (["drafted", "approved", "published"], Status.PUBLISHED, "workflow.published_already"),
        (["drafted", "approved", "published"], Status.RETIRED, "workflow.in_use"),
        (["drafted", "retired"], Status.RETIRED, "workflow.retired_already"),
        (["drafted", "retired"], Status.APPROVED, "workflow.retired"),
        (["drafted", "approved", "retired"], Status.PUBLISHED, "workflow.retired"),
    ],
)
def test_each_refusal_says_why(done: list[str], wanted: Status, code: str) -> None:
    acts = [Act("w", n, "a", Status(act), SARI, "", AT) for n, act in enumerate(done, 1)]
    assert [problem.code for problem in refusals(acts, "a", wanted, AT)] == [code]


def test_a_draft_expires_and_can_be_drafted_again() -> None:
    acts = [Act("w", 1, "a", Status.DRAFTED, SARI, "", AT)]
    later = AT + EXPIRES_AFTER
    assert (status_of(acts, "a", later), to_come(acts, later), to_come(acts, AT)) == (
        Status.EXPIRED,
        [],
        ["a"],
    )
    assert [one.code for one in refusals(acts, "a", Status.APPROVED, later)] == ["change_request.expired"]
    approved = [*acts, Act("w", 2, "a", Status.APPROVED, BUDI, "", AT)]
    assert status_of(approved, "a", later) is Status.APPROVED


def test_a_release_drafts_what_it_ships_once_there_are_plans() -> None:
    first = [Act("w", 1, "a", Status.PUBLISHED, RELEASE, "", AT)]
    assert shipped_act([], "a", has_plans=True) is Status.PUBLISHED
    assert shipped_act(first, "b", has_plans=True) is Status.DRAFTED
    assert shipped_act(first, "b", has_plans=False) is Status.PUBLISHED
    assert shipped_act(first, "a", has_plans=True) is None


def test_names_of_operators_are_compared_as_people_write_them() -> None:
    assert By(Kind.OPERATOR, "Budi Contoh ").is_same_person(By(Kind.OPERATOR, "BUDI contoh"))
    assert not SARI.is_same_person(BUDI)
    assert not By(Kind.ADMIN, "1").is_same_person(By(Kind.ADMIN, "2"))
