"""Inputs of mutations for admins: timers, workflow versions, migrations, dry runs, periods and catalogues."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from services.kit.text import clean_text
from services.planning.api.scalars import NPSN
from services.planning.versions.queries import DEFAULT_WORKFLOW


class WithReason:
    """Base of the inputs with a reason, which is cleaned before it is checked and stored."""

    reason: str

    def __post_init__(self) -> None:
        """Clean the reason."""
        self.reason = clean_text(self.reason)


@strawberry.input(description="A definition to propose as a version. For admins.")
class ProposeWorkflowVersionInput(WithReason):
    yaml: str = strawberry.field(description="The complete definition as strict YAML; at most 64 KB.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")
    based_on_id: strawberry.ID | None = strawberry.field(
        description="Id of the version that it is based on. Default: the published one.", default=None
    )


@strawberry.input(description="Fields of every act on a workflow version.")
class OnWorkflowVersion(WithReason):
    workflow_version_id: strawberry.ID = strawberry.field(description="Id of the version.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="The approval of a proposed workflow version. For admins.")
class ApproveWorkflowVersionInput(OnWorkflowVersion):
    pass


@strawberry.input(description="The rejection of a proposed workflow version. For admins.")
class RejectWorkflowVersionInput(OnWorkflowVersion):
    pass


@strawberry.input(description="The publication of an approved workflow version. For admins.")
class PublishWorkflowVersionInput(OnWorkflowVersion):
    pass


@strawberry.input(description="The retirement of a workflow version. For admins.")
class RetireWorkflowVersionInput(OnWorkflowVersion):
    pass


@strawberry.input(
    description="A value of the type of its parameter: exactly one of these fields.", one_of=True
)
class ParameterValueInput:
    switch: strawberry.Maybe[bool] = strawberry.field(name="bool", description="A switch: on or off.")
    number: strawberry.Maybe[int] = strawberry.field(name="int", description="A whole number.")
    day: strawberry.Maybe[date] = strawberry.field(
        name="date",
        description="A day in the time zone of each school. The last day of an interval is part of it.",
    )

    @property
    def as_json(self) -> bool | int | str:
        """Return the value as JSON."""
        value = self.switch or self.number or self.day
        assert value is not None, "one_of"
        return value.value.isoformat() if isinstance(value.value, date) else value.value


@strawberry.input(description="A new value of a parameter of a period.")
class ParameterInput:
    name: str = strawberry.field(description="Name of the parameter, such as `planning_closes`.")
    value: ParameterValueInput = strawberry.field(description="The new value.")


@strawberry.input(description="New values for a period. For admins.")
class ProposePeriodRevisionInput(WithReason):
    period: strawberry.ID = strawberry.field(description="Code of the period, such as `2024-1`.")
    values: list[ParameterInput] = strawberry.field(
        description="The parameters that change. The others stay."
    )
    effective_from: datetime | None = strawberry.field(
        description="When the new values take effect. Default: on approval.", default=None
    )
    reason: str = strawberry.field(
        description="The reason, such as the decree. Everybody can read it with the revision; at most 2,000 "
        "characters."
    )


@strawberry.input(description="A file that an admin proposes.")
class OnFile(WithReason):
    yaml: str = strawberry.field(description="The complete file as strict YAML.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="A catalogue file. For admins.")
class ProposeCatalogInput(OnFile):
    pass


@strawberry.input(description="A period file. For admins.")
class ProposePeriodInput(OnFile):
    pass


@strawberry.input(description="Fields of every decision on a change request.")
class OnChangeRequest(WithReason):
    change_request_id: strawberry.ID = strawberry.field(description="Id of the change request.")
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="The approval of a change request. For admins.")
class ApproveChangeRequestInput(OnChangeRequest):
    pass


@strawberry.input(description="The rejection of a change request. For admins.")
class RejectChangeRequestInput(OnChangeRequest):
    pass


@strawberry.input(description="The withdrawal of a change request. For admins.")
class WithdrawChangeRequestInput(OnChangeRequest):
    pass


@strawberry.input(description="Fields of every act on a timer.")
class OnTimer(WithReason):
    timer_id: strawberry.ID = strawberry.field(description="Id of the timer.")
    expected_firing_count: int = strawberry.field(
        description="The `firingCount` that you read. It makes sure that you act on the firing that you saw."
    )
    reason: str = strawberry.field(description="The reason. Other admins read it; at most 2,000 characters.")


@strawberry.input(description="A new attempt of a failed timer. For admins.")
class RetryTimerInput(OnTimer):
    pass


@strawberry.input(description="The skip of a firing. For admins.")
class SkipTimerInput(OnTimer):
    pass


@strawberry.input(description="A state and the state of another version that replaces it.")
class StateMappingInput:
    from_state: str = strawberry.field(description="Name of a state of the former version.")
    to_state: str = strawberry.field(
        description="Name of a state of the other version. Its phase must not be later."
    )


@strawberry.input(description="A migration of plans to another version. For admins.")
class MigratePlansInput(WithReason):
    from_version_id: strawberry.ID = strawberry.field(description="Id of the version that the plans have.")
    to_version_id: strawberry.ID = strawberry.field(
        description="Id of the version that they get: approved or published, of the same workflow."
    )
    period: strawberry.ID | None = strawberry.field(
        description="Code of a period: only its plans. Default: all periods.", default=None
    )
    npsn: NPSN | None = strawberry.field(
        description="NPSN of a school: only its plans. Default: all schools.", default=None
    )
    state_mappings: list[StateMappingInput] = strawberry.field(
        description="Replacements of states that have another name or phase in the other version.",
        default_factory=list,
    )
    reason: str = strawberry.field(
        description="The reason. It becomes part of the history of each plan, where owner and head read it: do not "
        "name a person. At most 500 characters."
    )


@strawberry.input(description="Fields of every act on a migration.")
class OnPlanMigration(WithReason):
    plan_migration_id: strawberry.ID = strawberry.field(description="Id of the migration.")
    reason: str = strawberry.field(
        description="The reason. Other admins read it. The reason of a rollback becomes part of the history of each "
        "plan: do not name a person. At most 500 characters."
    )


@strawberry.input(description="The stop of a migration. For admins.")
class StopPlanMigrationInput(OnPlanMigration):
    pass


@strawberry.input(description="The resumption of a migration. For admins.")
class ResumePlanMigrationInput(OnPlanMigration):
    pass


@strawberry.input(description="The rollback of a migration. For admins.")
class RollBackPlanMigrationInput(OnPlanMigration):
    pass


@strawberry.input(description="A dry run of a version on the recorded commands of a period. For admins.")
class StartDryRunInput:
    workflow_version_id: strawberry.ID = strawberry.field(
        description="Id of the version. It can be a proposal."
    )
    period: strawberry.ID = strawberry.field(description="Code of the period, such as `2024-1`.")
    state_mappings: list[StateMappingInput] = strawberry.field(
        description="Replacements of states that have another name or phase in the version.",
        default_factory=list,
    )


@strawberry.input(description="The versions to list.")
class WorkflowVersionFilter:
    name: str = strawberry.field(
        description="Name of the workflow, such as `perencanaan-kinerja`, which is the default.",
        default=DEFAULT_WORKFLOW,
    )


@strawberry.input(description="The plans to count.")
class PlanStatisticsFilter:
    period: strawberry.ID | None = strawberry.field(
        description="Code of the period. Default: the current one.", default=None
    )
    provinsi: str | None = strawberry.field(
        description="Only plans of schools in this province.", default=None
    )
    kabupaten_kota: str | None = strawberry.field(
        description="Only plans of schools in this kabupaten or kota.", default=None
    )
    npsn: NPSN | None = strawberry.field(description="Only plans of this school.", default=None)
