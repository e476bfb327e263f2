"""Payloads of the mutations on one plan. Each mutation has its own, so that it can get fields of its own."""

from __future__ import annotations

from typing import Annotated, TypeVar

import strawberry

from services.planning.api.context import Context
from services.planning.api.fields import result
from services.planning.api.types.plan import Plan, PlanRejection, resolve_plan
from services.planning.plan.commands import CommandResult


@strawberry.type
class PlanPayload:
    plan: Plan = strawberry.field(description="The plan after the mutation.")
    replayed: bool = strawberry.field(
        description="Whether an earlier request did it: same `idempotencyKey`, or the plan existed."
    )


Payload = TypeVar("Payload", bound=PlanPayload)


async def resolve_payload(kind: type[Payload], outcome: CommandResult, context: Context) -> Payload:
    """Render the plan after a command, executed now or replayed."""
    return kind(plan=await resolve_plan(outcome.plan, context), replayed=outcome.replayed)


@strawberry.type(description="Payload of `startPlan`.")
class StartPlanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `confirmProfile`.")
class ConfirmProfilePayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `correctProfile`.")
class CorrectProfilePayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `savePraktikKinerja`.")
class SavePraktikKinerjaPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `savePengembanganKompetensi`.")
class SavePengembanganKompetensiPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `saveTugasTambahan`.")
class SaveTugasTambahanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `savePerilakuKerja`.")
class SavePerilakuKerjaPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `submitPlan`.")
class SubmitPlanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `approvePlan`.")
class ApprovePlanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `returnPlan`.")
class ReturnPlanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `beginImplementation`.")
class BeginImplementationPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `firePlanTransition`.")
class FirePlanTransitionPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `reopenPlan`.")
class ReopenPlanPayload(PlanPayload):
    pass


@strawberry.type(description="Payload of `movePlan`.")
class MovePlanPayload(PlanPayload):
    pass


StartPlanResult = Annotated[StartPlanPayload | PlanRejection, result("StartPlanResult")]
ConfirmProfileResult = Annotated[ConfirmProfilePayload | PlanRejection, result("ConfirmProfileResult")]
CorrectProfileResult = Annotated[CorrectProfilePayload | PlanRejection, result("CorrectProfileResult")]
SavePraktikKinerjaResult = Annotated[
    SavePraktikKinerjaPayload | PlanRejection, result("SavePraktikKinerjaResult")
]
SavePengembanganKompetensiResult = Annotated[
    SavePengembanganKompetensiPayload | PlanRejection, result("SavePengembanganKompetensiResult")
]
SaveTugasTambahanResult = Annotated[
    SaveTugasTambahanPayload | PlanRejection, result("SaveTugasTambahanResult")
]
SavePerilakuKerjaResult = Annotated[
    SavePerilakuKerjaPayload | PlanRejection, result("SavePerilakuKerjaResult")
]
SubmitPlanResult = Annotated[SubmitPlanPayload | PlanRejection, result("SubmitPlanResult")]
ApprovePlanResult = Annotated[ApprovePlanPayload | PlanRejection, result("ApprovePlanResult")]
ReturnPlanResult = Annotated[ReturnPlanPayload | PlanRejection, result("ReturnPlanResult")]
BeginImplementationResult = Annotated[
    BeginImplementationPayload | PlanRejection, result("BeginImplementationResult")
]
FirePlanTransitionResult = Annotated[
    FirePlanTransitionPayload | PlanRejection, result("FirePlanTransitionResult")
]
ReopenPlanResult = Annotated[ReopenPlanPayload | PlanRejection, result("ReopenPlanResult")]
MovePlanResult = Annotated[MovePlanPayload | PlanRejection, result("MovePlanResult")]
