"""The models of `contract`: what the API relies on, by the names that a definition file gives it."""

from __future__ import annotations

from typing import Annotated, Any

from workflows.files.definition_parts import EVENT, DefinitionPart, Name, Names, convert, file_key, name_rules

DATE = "the name of a `date` parameter"
INT = "the name of an `int` parameter"


class MutationModel(DefinitionPart):
    """A mutation."""

    trigger: Annotated[str, *name_rules(EVENT)] = file_key(
        "a name (`camelCase`)", "The trigger that it fires."
    )
    requires: Names = file_key(
        "a condition without arguments, or a list of them",
        "What `when` of every transition with this trigger implies. To take one away is a breaking change.",
        default=(),
    )


class WindowParamsModel(DefinitionPart):
    """`window`."""

    opens: Name = file_key(DATE, "The first day of planning.")
    closes: Name = file_key(DATE, "The last day of planning.")


class PltParamsModel(DefinitionPart):
    """`plt`."""

    banner_from: Name = file_key(DATE, "The first day of the Plt banner.")
    confirmation_from: Name = file_key(DATE, "The first day on which a Plt can confirm.")


def _mutation(name: str, meaning: str) -> Any:
    return file_key("a mutation", meaning, alias=name)


class ContractModel(DefinitionPart):
    """`contract`."""

    submit_plan: MutationModel = _mutation("submitPlan", "The teacher submits a draft.")
    approve_plan: MutationModel = _mutation("approvePlan", "The superior approves a submitted plan.")
    return_plan: MutationModel = _mutation(
        "returnPlan", "The superior returns a submitted plan, with a reason."
    )
    begin_implementation: MutationModel = _mutation(
        "beginImplementation", "The teacher begins to implement an approved plan."
    )
    reopen_plan: MutationModel = _mutation(
        "reopenPlan", "An admin returns an approved plan to draft, with a reason."
    )
    move_plan: MutationModel = _mutation(
        "movePlan", "An admin moves a plan to the sekolah induk, with a reason."
    )
    window: WindowParamsModel = file_key("`window`", "The planning window.")
    plt: PltParamsModel = file_key("`plt`", "The days of the Plt.")
    facts_max_age_minutes: Name = file_key(
        INT, "The greatest age of facts, also for commands without a guard."
    )
    minimum_points: Name | None = file_key(INT, "The minimum of points, if there is one.", default=None)

    def definition_fields(self) -> dict[str, Any]:
        """Return the fields, with the mutations in one tuple."""
        mutations, others = list[Any](), dict[str, Any]()
        for name, value in self:
            if isinstance(value, MutationModel):
                mutations.append(value.to_definition(name=type(self).model_fields[name].alias))
            else:
                others[name] = convert(value)
        return {"mutations": tuple(mutations), **others}
