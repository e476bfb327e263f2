"""The tables of planning.

Tortoise knows keys of one column only, so it is told the first one; migration 0002 sets the whole keys, which lead with
(ptk_id, period) so that big tables can be partitioned and distributed. Nothing here may call `save()` or `get(pk=…)`.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from services.planning.storage.timer_tables import NotificationReadTable as NotificationReadTable
from services.planning.storage.timer_tables import NotificationTable as NotificationTable
from services.planning.storage.timer_tables import PlanTimerActTable as PlanTimerActTable
from services.planning.storage.timer_tables import PlanTimerTable as PlanTimerTable


class PeriodTable(Model):
    """A period; it names its catalogue and its workflow, of which the newest is used; its values are revisions."""

    code = fields.CharField(primary_key=True, max_length=16)
    label = fields.JSONField[dict[str, str]]()
    starts = fields.DateField()
    ends = fields.DateField()
    catalog = fields.CharField(max_length=40)
    workflow = fields.CharField(max_length=64)

    class Meta:
        """Named like its noun."""

        table = "period"


class PeriodRevisionTable(Model):
    """Parameter values of a period, append-only: who, why, and from when."""

    period = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    values = fields.JSONField[dict[str, object]]()
    author = fields.TextField()
    approver = fields.TextField()
    reason = fields.TextField()
    effective_from = fields.DatetimeField()

    class Meta:
        """Key (period, number)."""

        table = "period_revision"


class PeriodProposalTable(Model):
    """A change of a period's values that an admin proposed: append-only, numbered by period."""

    period = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    before = fields.JSONField[dict[str, Any]]()
    values = fields.JSONField[dict[str, Any]]()
    wanted = fields.DatetimeField(null=True)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (period, number). `before` is what stood for each of `values`; `wanted` null: once approved."""

        table = "period_proposal"


class PeriodProposalEndTable(Model):
    """How a proposal ended, once: approved by a second person, or withdrawn."""

    period = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    how = fields.CharField(max_length=16)
    revisions = fields.JSONField[list[int]]()
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (period, number), that of the proposal. `revisions` are the numbers of those that came of it."""

        table = "period_proposal_end"


class CatalogTable(Model):
    """A catalogue, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    code = fields.CharField(max_length=40)
    body = fields.TextField()
    imported_at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "catalog"
        indexes = (("code", "imported_at"),)


class WorkflowVersionTable(Model):
    """A version of a workflow, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    name = fields.CharField(max_length=64)
    body = fields.TextField()
    stored_at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "workflow_version"
        indexes = (("name", "stored_at"),)


class WorkflowActTable(Model):
    """What somebody did with a version of a workflow: append-only, numbered by name; its status follows from it."""

    name = fields.CharField(primary_key=True, max_length=64)
    number = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    act = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()
    parent = fields.CharField(max_length=64, null=True)

    class Meta:
        """Key (name, number). `kind` says who: an admin, an operator, or a release of this software."""

        table = "workflow_act"


class MigrationTable(Model):
    """An order to move living plans to another version of the workflow: who, when, why, which; never edited."""

    number = fields.IntField(primary_key=True, generated=False)
    old = fields.CharField(max_length=64)
    new = fields.CharField(max_length=64)
    states = fields.JSONField[dict[str, str]]()
    period = fields.CharField(max_length=16, null=True)
    npsn = fields.CharField(max_length=8, null=True)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Named like its noun. `states` maps states of `old` to states of `new`."""

        table = "migration"


class MigrationActTable(Model):
    """What was done with a migration after it was ordered: stopped, resumed, undone. Only ever added."""

    migration = fields.IntField(primary_key=True, generated=False)
    number = fields.IntField()
    act = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (migration, number)."""

        table = "migration_act"


class MigrationOutcomeTable(Model):
    """What became of a plan: moved (`version` is that of its event), or not, and why. `back`: when it was undone."""

    migration = fields.IntField(primary_key=True, generated=False)
    back = fields.BooleanField()
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    state = fields.CharField(max_length=64)
    version = fields.IntField(null=True)
    code = fields.CharField(max_length=64, null=True)
    params = fields.JSONField[dict[str, Any]](null=True)
    at = fields.DatetimeField()

    class Meta:
        """Key (migration, back, ptk_id, period). `state` is the one before."""

        table = "migration_outcome"


class RunTable(Model):
    """How far long work over many plans is: it is held while a batch is done, and moves on with the batch's commit."""

    work = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    plans = fields.IntField()
    began_at = fields.DatetimeField()
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    counts = fields.JSONField[dict[str, int]]()
    found = fields.BooleanField(default=False)
    seconds = fields.FloatField(default=0.0)
    stopped = fields.BooleanField(default=False)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (work, number): `migrate` and `undo` are of a migration, `try` is of a trial."""

        table = "run"


class TrialTable(Model):
    """A version tried on what really happened in a period: who asked, and when."""

    number = fields.IntField(primary_key=True, generated=False)
    sha256 = fields.CharField(max_length=64)
    period = fields.CharField(max_length=16)
    states = fields.JSONField[dict[str, str]]()
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "trial"


class TrialFindingTable(Model):
    """A plan that would have gone otherwise, or of which that cannot be told: the first ones of a trial."""

    trial = fields.IntField(primary_key=True, generated=False)
    verdict = fields.CharField(max_length=16)
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    detail = fields.JSONField[dict[str, Any]]()

    class Meta:
        """Key (trial, verdict, ptk_id, period). `version` is that of the event where the ways part."""

        table = "trial_finding"


class PlanTable(Model):
    """A plan as it is now. `version` is the number of its events, `last_hash` the hash of the last one."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    npsn = fields.CharField(max_length=8)
    school = fields.JSONField[dict[str, object]]()
    workflow = fields.CharField(max_length=64)
    catalog = fields.CharField(max_length=64)
    state = fields.CharField(max_length=64)
    version = fields.IntField()
    last_hash = fields.CharField(max_length=64)
    tab = fields.CharField(max_length=32)
    profile = fields.JSONField[dict[str, object]]()
    content = fields.JSONField[dict[str, object]]()
    updated_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True)
    revision_due = fields.DateField(null=True)
    note = fields.TextField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    state_since = fields.DatetimeField(null=True)
    provinsi = fields.TextField(null=True)
    kabupaten_kota = fields.TextField(null=True)

    class Meta:
        """Key (ptk_id, period): one plan per teacher and period. The head finds the plans of the school by NPSN.

        `npsn` and the region repeat what `school` says, to be found and counted by.
        """

        table = "plan"
        # The second counts the plans of a version and leads the worker through those that wait, without reading others;
        # by the third plans are moved to another version in the order of their keys. Migration 0009 adds one that
        # covers what numbers are made of (decision 14).
        indexes = (
            ("period", "npsn", "state"),
            ("workflow", "period", "state", "ptk_id"),
            ("workflow", "ptk_id", "period"),
        )


class PlanEventTable(Model):
    """What happened to a plan. `body` is the canonical JSON that was hashed; the other columns only help to find it."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    to = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    hash = fields.CharField(max_length=64)
    body = fields.TextField()
    ended = fields.CharField(max_length=64, null=True)
    lasted = fields.IntField(null=True)

    class Meta:
        """Key (ptk_id, period, version): the version of a plan names its event.

        `ended` is the state whose stay it ended, if it did, `lasted` how many seconds the plan had been in it.
        """

        table = "plan_event"


class PlanTextTable(Model):
    """Personal free text that an event mentions by digest; erasing it leaves the chain whole."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    name = fields.CharField(max_length=32)
    salt = fields.CharField(max_length=32, null=True)
    value = fields.TextField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (ptk_id, period, version, name)."""

        table = "plan_text"


class CommandKeyTable(Model):
    """An idempotency key, kept only with a committed success."""

    subject = fields.CharField(primary_key=True, max_length=64)
    mutation = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    input_hash = fields.CharField(max_length=64)
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        """Key (subject, mutation, key): the scope of a key is subject and mutation."""

        table = "command_key"


class PltConfirmationTable(Model):
    """The Plt of a school has confirmed for a period: one fact, which covers later submissions too (Guide 11)."""

    npsn = fields.CharField(primary_key=True, max_length=8)
    period = fields.CharField(max_length=16)
    ptk_id = fields.UUIDField()
    account = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        """Key (npsn, period)."""

        table = "plt_confirmation"


class PlanCommentTable(Model):
    """The discussion of a plan: no event, for it changes nothing; an erased comment keeps its place."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    number = fields.IntField()
    at = fields.DatetimeField()
    author = fields.UUIDField()
    account = fields.CharField(max_length=64)
    head = fields.CharField(max_length=16, null=True)
    nama = fields.TextField(null=True)
    text = fields.TextField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (ptk_id, period, number). `head` says as which head somebody wrote, null for the owner."""

        table = "plan_comment"


class MovedTeacherTable(Model):
    """A teacher whose sekolah induk is another now than the school of the plan; gone when the two agree again."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    npsn = fields.CharField(max_length=8)
    noticed_at = fields.DatetimeField()

    class Meta:
        """Key (ptk_id, period); `npsn` is the sekolah induk of today, whose head finds the plan by it."""

        table = "moved_teacher"
        indexes = (("npsn", "period"),)


class RegistryAnswerTable(Model):
    """What identity last answered to a question, kept for the time when it is away."""

    path = fields.CharField(primary_key=True, max_length=128)
    etag = fields.CharField(max_length=128, null=True)
    body = fields.TextField()
    as_of = fields.DatetimeField(db_index=True)

    class Meta:
        """Named like its noun."""

        table = "registry_answer"


class SchoolHeadTable(Model):
    """Who leads a school that plans stand at, as identity last said: for numbers only."""

    npsn = fields.CharField(primary_key=True, max_length=8)
    kind = fields.CharField(max_length=16)
    ptk_id = fields.UUIDField(null=True)
    as_of = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "school_head"


class FollowedTable(Model):
    """How far the worker has followed something: identity's changes, a period's revisions."""

    name = fields.CharField(primary_key=True, max_length=64)
    position = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "followed"
