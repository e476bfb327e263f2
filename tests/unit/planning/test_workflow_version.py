"""The status of a version follows from its acts: random sequences of acts against the rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.change_request import EXPIRES_AFTER
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.versions.model import (
    INACTIVE,
    VersionAct,
    VersionStatus,
    choose_shipped_status,
    find_problems,
    find_published,
    find_status,
    list_unpublished,
)

AT = datetime(2024, 1, 1, tzinfo=UTC)
VERSIONS = ("a", "b", "c")
SARI, SARI_AGAIN, BUDI = (
    AdminActor(ActorKind.ADMIN, "1", "p-sari"),
    AdminActor(ActorKind.ADMIN, "2", "p-sari"),
    AdminActor(ActorKind.OPERATOR, "Budi"),
)
RELEASE = AdminActor(ActorKind.RELEASE, "rencana 1")
PEOPLE = (SARI, SARI_AGAIN, BUDI)
# The statuses that may follow each status.
COURSE = {
    None: set[VersionStatus](),
    VersionStatus.PROPOSED: {VersionStatus.APPROVED, VersionStatus.REJECTED, VersionStatus.RETIRED},
    VersionStatus.APPROVED: {VersionStatus.PUBLISHED, VersionStatus.RETIRED},
    VersionStatus.PUBLISHED: set[VersionStatus](),
    VersionStatus.REJECTED: set[VersionStatus](),
    VersionStatus.EXPIRED: set[VersionStatus](),
    VersionStatus.RETIRED: set[VersionStatus](),
}


def author_of(acts: list[VersionAct], sha256: str) -> AdminActor:
    return next(
        act.actor for act in reversed(acts) if act.sha256 == sha256 and act.act is VersionStatus.PROPOSED
    )


def apply_wishes(wishes: list[tuple[VersionStatus, str, AdminActor]]) -> list[VersionAct]:
    """Apply the wishes that the rules allow, as the commands do. Returns the acts."""
    acts: list[VersionAct] = []
    for target, sha256, by in wishes:
        status = find_status(acts, sha256, AT)
        if by is RELEASE:
            new_status = choose_shipped_status(acts, sha256, has_plans=False)
        elif target is VersionStatus.PROPOSED:
            new_status = target if status in {None, *INACTIVE} else None
        else:
            new_status = None if [*find_problems(acts, sha256, target, AT)] else target
            decisions = {VersionStatus.APPROVED, VersionStatus.REJECTED}
            if new_status in decisions and by.is_same_person(author_of(acts, sha256)):
                new_status = None  # by the rule of change requests
            assert new_status is None or new_status in COURSE[status]
        if new_status:
            acts.append(VersionAct("w", len(acts) + 1, sha256, new_status, by, "", AT))
    return acts


ACTS = [one for one in VersionStatus if one is not VersionStatus.EXPIRED]
WISHES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(VERSIONS), st.sampled_from((*PEOPLE, RELEASE))),
    max_size=30,
)


@given(WISHES)
def test_version_is_published_only_after_approval_by_a_second_person(
    wishes: list[tuple[VersionStatus, str, AdminActor]],
) -> None:
    acts = apply_wishes(wishes)
    for place, act in enumerate(acts):
        if act.act is VersionStatus.PUBLISHED and act.actor is not RELEASE:
            before = [one for one in acts[:place] if one.sha256 == act.sha256]
            approvals = [one for one in before if one.act is VersionStatus.APPROVED or one.actor is RELEASE]
            assert approvals, "a second person approved it"
        if act.act is VersionStatus.APPROVED:
            assert not act.actor.is_same_person(author_of(acts[:place], act.sha256))


@given(WISHES)
def test_published_version_stays_published_until_another_is_published(
    wishes: list[tuple[VersionStatus, str, AdminActor]],
) -> None:
    acts, last = apply_wishes(wishes), None
    for place, act in enumerate(acts, 1):
        last = act.sha256 if act.act is VersionStatus.PUBLISHED else last
        published = {one for one in VERSIONS if find_status(acts[:place], one, AT) is VersionStatus.PUBLISHED}
        assert published == ({last} if last else set())
        assert find_published(acts[:place]) == last


@given(WISHES, st.sampled_from(VERSIONS))
def test_release_never_replaces_a_version_that_a_person_published(
    wishes: list[tuple[VersionStatus, str, AdminActor]], shipped_sha256: str
) -> None:
    acts = apply_wishes(wishes)
    by_people = any(act.act is VersionStatus.PUBLISHED and act.actor is not RELEASE for act in acts)
    assert not (
        by_people and choose_shipped_status(acts, shipped_sha256, has_plans=False) is VersionStatus.PUBLISHED
    )


@pytest.mark.parametrize(
    ("statuses", "target", "code"),
    [
        ([], VersionStatus.APPROVED, "workflow.unknown"),
        (["proposed", "rejected"], VersionStatus.APPROVED, "change_request.rejected"),
        (["proposed", "rejected"], VersionStatus.RETIRED, "workflow.retired_already"),
        (["proposed", "approved"], VersionStatus.REJECTED, "workflow.approved_already"),
        (["proposed"], VersionStatus.PUBLISHED, "workflow.not_approved"),
        (["proposed", "approved"], VersionStatus.APPROVED, "workflow.approved_already"),
        (["proposed", "approved", "published"], VersionStatus.APPROVED, "workflow.published_already"),
        (["proposed", "approved", "published"], VersionStatus.PUBLISHED, "workflow.published_already"),
        (["proposed", "approved", "published"], VersionStatus.RETIRED, "workflow.in_use"),
        (["proposed", "retired"], VersionStatus.RETIRED, "workflow.retired_already"),
        (["proposed", "retired"], VersionStatus.APPROVED, "workflow.retired"),
        (["proposed", "approved", "retired"], VersionStatus.PUBLISHED, "workflow.retired"),
    ],
)
def test_each_refused_status_change_has_its_own_code(
    statuses: list[str], target: VersionStatus, code: str
) -> None:
    acts = [VersionAct("w", n, "a", VersionStatus(act), SARI, "", AT) for n, act in enumerate(statuses, 1)]
    assert [problem.code for problem in find_problems(acts, "a", target, AT)] == [code]


def test_a_draft_expires_and_can_be_drafted_again() -> None:
    acts = [VersionAct("w", 1, "a", VersionStatus.PROPOSED, SARI, "", AT)]
    later = AT + EXPIRES_AFTER
    assert (find_status(acts, "a", later), list_unpublished(acts, later), list_unpublished(acts, AT)) == (
        VersionStatus.EXPIRED,
        [],
        ["a"],
    )
    assert [one.code for one in find_problems(acts, "a", VersionStatus.APPROVED, later)] == [
        "change_request.expired"
    ]
    approved = [*acts, VersionAct("w", 2, "a", VersionStatus.APPROVED, BUDI, "", AT)]
    assert find_status(approved, "a", later) is VersionStatus.APPROVED


def test_release_drafts_its_definition_once_there_are_plans() -> None:
    first = [VersionAct("w", 1, "a", VersionStatus.PUBLISHED, RELEASE, "", AT)]
    assert choose_shipped_status([], "a", has_plans=True) is VersionStatus.PUBLISHED
    assert choose_shipped_status(first, "b", has_plans=True) is VersionStatus.PROPOSED
    assert choose_shipped_status(first, "b", has_plans=False) is VersionStatus.PUBLISHED
    assert choose_shipped_status(first, "a", has_plans=True) is None


def test_operators_are_compared_without_case_and_outer_spaces() -> None:
    assert AdminActor(ActorKind.OPERATOR, "Budi Contoh ").is_same_person(
        AdminActor(ActorKind.OPERATOR, "BUDI contoh")
    )
    assert not SARI.is_same_person(BUDI)
    assert not AdminActor(ActorKind.ADMIN, "1").is_same_person(AdminActor(ActorKind.ADMIN, "2"))
