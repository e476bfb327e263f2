"""Access rules: who may plan, who may read a plan, and who may confirm as Plt, with the reasons of a refusal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.kit.problems import Problem
from services.planning.callers.model import Caller
from services.planning.people.model import SchoolFacts, TeacherFacts
from services.planning.period.catalog import Catalog


class WhoCanFix(StrEnum):
    """Who can remove the cause of a refusal. The problem has it as the parameter `who_can_fix`."""

    OPERATOR_SEKOLAH = "operator_sekolah"  # corrects the data in Dapodik
    DINAS = "dinas"  # appoints and transfers teachers
    HELPDESK = "helpdesk"  # the cause is in this service, or unknown


class Obligation(StrEnum):
    """Whether a teacher must plan, as an ASN, or may plan."""

    MUST = "must"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class Access:
    """The problem of each rule that failed. `obligation` is None if the employment status is unknown."""

    problems: tuple[Problem, ...]
    obligation: Obligation | None

    @property
    def may_plan(self) -> bool:
        """Tell whether no rule failed."""
        return not self.problems


def check_access(
    teacher: TeacherFacts, school: SchoolFacts | None, account_id: str, catalog: Catalog
) -> Access:
    """Check the rules for a teacher at the sekolah induk (`school`, or None if unknown) with the signed-in account.

    A missing fact fails only a rule that cannot pass without it. For a teacher who left, no other rule is checked.
    No rule considers age: a PNS who is about to retire plans too (Guide FAQ).
    """
    if teacher.status == "left":
        problems: tuple[Problem, ...] = (_access_problem("left", WhoCanFix.OPERATOR_SEKOLAH),)
    else:
        problems = (
            *_sekolah_induk(teacher, school, catalog),
            *_status_kepegawaian(teacher, catalog),
            *_kind_of_work(teacher, school, catalog),
            *_account(teacher, account_id),
        )
    return Access(problems, _obligation(teacher, catalog))


def is_definitif_at_induk(teacher: TeacherFacts, school: SchoolFacts | None) -> bool:
    """Tell whether the teacher is on record as the appointed principal of the own sekolah induk, alone or not."""
    head = school.head if school else None
    is_head = head is not None and (head.kind, head.ptk_id) == ("definitif", teacher.ptk_id)
    is_claimant = head is not None and head.is_claimed_by(teacher.ptk_id)
    return is_head or is_claimant or teacher.sekolah_induk.value in teacher.kepala_at


def _sekolah_induk(teacher: TeacherFacts, school: SchoolFacts | None, catalog: Catalog) -> Iterator[Problem]:
    npsn = teacher.sekolah_induk.value
    if npsn is None:
        # By a rule of Dapodik only the dinas corrects the sekolah induk and the surat tugas.
        yield _access_problem("no_sekolah_induk", WhoCanFix.DINAS)
    elif school is None:
        yield _access_problem("school_unknown", WhoCanFix.HELPDESK, npsn=npsn)
    elif school.bentuk_pendidikan.value is None:
        yield _access_problem(
            "school_form_unknown", WhoCanFix.OPERATOR_SEKOLAH, sekolah=_name(teacher, school)
        )
    elif catalog.jenjang_of(school.bentuk_pendidikan.value.id) is None:
        form = school.bentuk_pendidikan.value
        yield _access_problem(
            "school_form_not_served", WhoCanFix.HELPDESK,
            sekolah=_name(teacher, school), bentuk_pendidikan=form.label or form.id,
        )  # fmt: skip


def _status_kepegawaian(teacher: TeacherFacts, catalog: Catalog) -> Iterator[Problem]:
    status = teacher.status_kepegawaian.value
    row = catalog.find_status_kepegawaian(status.id) if status else None
    if row and not row.served:
        yield _access_problem("status_not_served", WhoCanFix.OPERATOR_SEKOLAH, status_kepegawaian=row.label)


def _kind_of_work(teacher: TeacherFacts, school: SchoolFacts | None, catalog: Catalog) -> Iterator[Problem]:
    if is_definitif_at_induk(teacher, school):
        # The jenis PTK of a principal gives the same reason again.
        yield _access_problem("kepala_sekolah", WhoCanFix.DINAS, sekolah=_name(teacher, school))
        return
    jenis = teacher.jenis_ptk.value
    if jenis is None:
        yield _access_problem("jenis_ptk_unknown", WhoCanFix.OPERATOR_SEKOLAH)
        return
    row = catalog.find_jenis_ptk(jenis.id, jenis.label)
    label = jenis.label or (row and row.label) or jenis.id
    if row is None or row.akses is False:
        yield _access_problem("jenis_ptk_not_listed", WhoCanFix.OPERATOR_SEKOLAH, jenis_ptk=label)
    elif row.akses is None or not row.active:
        yield _access_problem("jenis_ptk_undecided", WhoCanFix.HELPDESK, jenis_ptk=label)


def _account(teacher: TeacherFacts, account_id: str) -> Iterator[Problem]:
    account, induk = teacher.account(account_id), teacher.sekolah_induk.value
    if account is None:
        yield _access_problem("account_unknown", WhoCanFix.HELPDESK)
    elif induk is not None and account.npsn is not None and account.npsn != induk:
        yield _access_problem(
            "account_of_other_school", WhoCanFix.OPERATOR_SEKOLAH,
            sekolah_induk=teacher.nama_sekolah_induk or induk, npsn=induk,
        )  # fmt: skip


def _obligation(teacher: TeacherFacts, catalog: Catalog) -> Obligation | None:
    status = teacher.status_kepegawaian.value
    group = catalog.status_group(status.id if status else None)
    if group is None:
        return None
    return Obligation.MAY if group == "NON_ASN" else Obligation.MUST


def _name(teacher: TeacherFacts, school: SchoolFacts | None) -> str:
    return (school and school.nama.value) or teacher.nama_sekolah_induk or teacher.sekolah_induk.value or "…"


def _access_problem(rule: str, who_can_fix: WhoCanFix, **params: object) -> Problem:
    return Problem(f"access.{rule}", {"who_can_fix": who_can_fix.value, **params})


def check_freshness(as_of: datetime | None, now: datetime, max_age: timedelta) -> Problem | None:
    """Return `facts.stale` if facts are older than `max_age` or of unknown age. A retry may succeed."""
    if as_of is not None and now - as_of <= max_age:
        return None
    return Problem("facts.stale", {"minutes": max_age // timedelta(minutes=1)})


def can_read(
    caller: Caller, headed_schools: Collection[str], owner: str, npsn: str, induk: str | None = None
) -> bool:
    """Tell whether the caller may read a plan with everything that belongs to it.

    `owner` is the ptk_id of the plan's owner, `npsn` the school of the plan, and `induk` the school that the owner has
    moved to, or None. `headed_schools` are the schools that the caller heads today. Admins read every plan.
    """
    return (
        "admin" in caller.scopes
        or caller.ptk_id == owner
        or npsn in headed_schools
        or induk in headed_schools
    )


def find_plt_problems(
    ptk_id: str | None, school: SchoolFacts | None, opens: date, today: date
) -> Iterator[Problem]:
    """Find why a person cannot confirm as Plt of a school today, in its zone. `opens` is the first possible day."""
    head = school.head if school else None
    if ptk_id is None or head is None or (head.kind, head.ptk_id) != ("plt", ptk_id):
        # The answer is the same for an unknown school, so that nobody can find out who heads a school.
        yield Problem("plt.not_plt_here", {}, ("npsn",))
        return
    if today < opens:
        yield Problem("plt.too_early", {"opens": opens}, ("npsn",))
