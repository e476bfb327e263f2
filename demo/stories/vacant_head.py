"""A school that nobody heads: the plan is taken in and waits; nobody else decides in the head's place."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.tabs import TUESDAY, fill
from demo.transcript import Transcript

GIST = (
    "Yosefina's school in Maluku has no principal, not even an acting one. Her plan waits until there is one."
)


async def play(stage: Stage, say: Transcript) -> None:
    """DOMAIN.md, "States": under a vacant head a plan waits in `submitted`."""
    await stage.at(TUESDAY, "WIT", say)
    yosefina = await stage.enter(cast.YOSEFINA, say)
    plan = await yosefina.does("StartPlan")
    plan = await yosefina.does("ConfirmProfile", plan)
    plan = await fill(yosefina, plan, "PK-IAD", ["RHK-03"])
    plan = await yosefina.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    say.tell("It is submitted, and no rule approves it. She can neither approve it herself nor begin:")
    await yosefina.is_refused("ApprovePlan", plan, "actor.own_plan")
    await yosefina.is_refused("BeginImplementation", plan, "transition.not_from_here")
    say.tell("The principal of another school does not even see that the plan exists.")
    hartini = await stage.enter(cast.HARTINI, say)
    await hartini.is_refused("ApprovePlan", plan, "plan.unknown")
