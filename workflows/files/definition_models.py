"""The models of a definition file: each key, the kind of value it holds, and its meaning.

The loader reads files with these models. docs/workflow-format.md and the JSON Schema for editors are generated from
them. The linter checks whether the parts fit together.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from workflows.engine.authority import AUTHORITIES
from workflows.files.base import NonEmpty, StrictBool, StrictInt
from workflows.files.contract_models import ContractModel, MutationModel, PltParamsModel, WindowParamsModel
from workflows.files.definition_parts import (
    EVENT,
    NAME,
    Days,
    DefinitionPart,
    Effect,
    Guard,
    LabelModel,
    Name,
    Names,
    ParamRefModel,
    convert,
    fault,
    file_key,
    name_rules,
)
from workflows.model import definition
from workflows.model.values import parse_value

FORMAT = 1
ROLES = sorted({authority.role for authority in AUTHORITIES})
RELATIONS = sorted({authority.relation for authority in AUTHORITIES})
KEBAB = re.compile("[a-z][a-z0-9-]{0,59}", re.ASCII)
TRIGGER = re.compile(rf"{EVENT.pattern}|@entered\({NAME.pattern}\)", re.ASCII)


def _check_format(value: int) -> int:
    if value != FORMAT:
        raise fault("definition.unknown_format", {"known": FORMAT})
    return value


def _optional_key(holds: str, meaning: str) -> Any:
    return file_key(holds, meaning, default=None)


class ParamModel(DefinitionPart):
    """A parameter."""

    type: definition.ParamType = file_key("a type", "The type of its values.")
    label: LabelModel = file_key("a label", "Its name for admins who propose values.")
    minimum: StrictInt | None = _optional_key("a whole number", "The smallest allowed value of an `int`.")
    maximum: StrictInt | None = _optional_key("a whole number", "The largest allowed value of an `int`.")
    not_before: Name | None = _optional_key(
        "the name of a parameter", "Another `date`, which this one must not precede."
    )
    default: bool | int | date | None = _optional_key(
        "a value", "The value for periods that give none. Without a default every period must give one."
    )

    @field_validator("default", mode="plain", json_schema_input_type=bool | int | str)
    @classmethod
    def _check_default(cls, value: object, info: ValidationInfo) -> object:
        if "type" not in info.data:
            return None  # the type is invalid, and reported
        bounds = info.data.get("minimum"), info.data.get("maximum")
        param = definition.Param("", info.data["type"], definition.Label("", ""), None, *bounds)
        default, findings = parse_value(param, value)
        for finding in findings:
            raise fault(finding.code, finding.params)
        return default


class StartModel(DefinitionPart):
    """`start`."""

    when: Guard | None = _optional_key("a guard", "What must hold to start a plan.")

    def to_definition(self, **more: object) -> Any:
        """Return the guard alone."""
        return convert(self.when)


class TurnRuleModel(DefinitionPart):
    """A turn rule."""

    turn: definition.Turn = file_key("a turn", "The party that has to act.", alias="who")
    when: Guard | None = _optional_key(
        "a guard", "The condition. The last rule has none, every other has one."
    )


class StateModel(DefinitionPart):
    """A state."""

    label: LabelModel = file_key("a label", "Its name on screens.")
    phase: definition.Phase = file_key("a phase", "The part of the process, on which clients rely.")
    turn: Annotated[
        NonEmpty[TurnRuleModel],
        BeforeValidator(
            lambda value: value if isinstance(value, list) else [{"who": value}],
            json_schema_input_type=definition.Turn | NonEmpty[TurnRuleModel],
        ),
    ] = file_key("a turn, or a list of turn rules", "Who has to act. The first rule that holds counts.")
    initial: StrictBool = file_key(
        "true or false", "Whether new plans start in this state; true for exactly one.", default=False
    )
    final: StrictBool = file_key(
        "true or false", "Whether the workflow ends in this state; true for at least one.", default=False
    )


class AuthorityModel(DefinitionPart):
    """`by`."""

    role: Name = file_key("a role", "The role of the actor.", json_schema_extra={"enum": ROLES})
    relation: Name = file_key(
        "a relation",
        "The relation of the actor to the plan; `any` if left out.",
        default="any",
        json_schema_extra={"enum": RELATIONS},
    )


class TransitionModel(DefinitionPart):
    """A transition."""

    id: Name = file_key("a name", "Its unique name.")
    trigger: Annotated[str, *name_rules(TRIGGER)] = file_key(
        'a name (`camelCase`), or `"@entered(STATE)"`',
        "What fires it: a command, or the plan's arrival in the state. The system tries the latter again whenever the "
        "facts may have changed.",
    )
    label: LabelModel = file_key("a label", "Its name on buttons and in the history.")
    from_states: Names = file_key("a state, or a list of states", "Where it leads from.", alias="from")
    to_state: Name = file_key("a state", "Where it leads to.", alias="to")
    authority: AuthorityModel = file_key("`by`", "Who may fire it.", alias="by")
    when: Guard | None = _optional_key("a guard", "What must hold. Users see every reason why it does not.")
    warn: Guard | None = _optional_key("a guard", "Like `when`, but the actor may acknowledge the reasons.")
    require: Names = file_key(
        "a requirement, or a list of them", "The input that the command must have.", default=()
    )
    effects: tuple[Effect, ...] = file_key(
        "a list of effects", "What else happens, in the same commit.", default=()
    )
    exceptional: StrictBool = file_key(
        "true or false", "Whether it is outside of the normal process, such as a correction.", default=False
    )


class AfterEntryModel(DefinitionPart):
    """`after`."""

    days: Days = file_key(
        "a whole number from 1 to 366, or an argument from the period", "Days by the school's calendar."
    )


class OnDateModel(DefinitionPart):
    """`at`."""

    param: Name = file_key(
        "the name of a parameter", "A `date`, read when the timer is armed and again when it is due."
    )
    days: StrictInt = file_key(
        "a whole number from -366 to 366", "How many days later or earlier; 0 if left out.", default=0
    )


class RepeatModel(DefinitionPart):
    """`repeat`."""

    days: Days = file_key(
        "a whole number from 1 to 366, or an argument from the period", "Days between two firings."
    )
    max_firings: StrictInt = file_key(
        "a whole number from 1 to 100", "The largest number of firings, the first included.", alias="max"
    )


class RemindModel(DefinitionPart):
    """`remind`."""

    recipient: definition.Recipient = file_key("a recipient", "Who gets the reminder.", alias="who")


class FireModel(DefinitionPart):
    """`fire`."""

    trigger: Annotated[str, *name_rules(EVENT)] = file_key(
        "a name (`camelCase`)",
        "Each state of `while` needs a transition with this trigger that the system may fire, to another state and "
        "without input.",
    )


class ActionModel(DefinitionPart):
    """`do`."""

    exactly_one: ClassVar = ("remind", "fire")

    remind: RemindModel | None = _optional_key(
        "`remind`", "Send a reminder; the plan does not change. Either this or `fire`."
    )
    fire: FireModel | None = _optional_key("`fire`", "Fire a trigger as the system. Either this or `remind`.")

    def to_definition(self, **more: object) -> Any:
        """Return the one action."""
        return convert(self.remind or self.fire)


class TimerModel(DefinitionPart):
    """A timer."""

    exactly_one: ClassVar = ("after", "at")

    id: Name = file_key("a name", "Its unique name.")
    label: LabelModel = file_key("a label", "Its name, for example in a notification.")
    states: Names = file_key(
        "a state, or a list of states",
        "It runs while a plan is in one of them, and starts again when the plan comes back.",
        alias="while",
    )
    after: AfterEntryModel | None = _optional_key(
        "`after`", "Its day, counted from the entry into the state. Either this or `at`."
    )
    at: OnDateModel | None = _optional_key(
        "`at`", "Its day, by a date of the period. Either this or `after`."
    )
    hour: StrictInt = file_key(
        "a whole number from 0 to 23", "Its hour, in the time zone of the school; 8 if left out.", default=8
    )
    repeat: RepeatModel | None = _optional_key(
        "`repeat`", "Further firings while the plan stays in the state."
    )
    action: ActionModel = file_key("`do`", "What happens.", alias="do")

    def definition_fields(self) -> dict[str, Any]:
        """Return the fields, with `after` or `at` as `when`."""
        fields = super().definition_fields()
        after, at = fields.pop("after"), fields.pop("at")
        return {**fields, "when": after or at}


class DefinitionModel(DefinitionPart):
    """The file."""

    format: Annotated[
        StrictInt, AfterValidator(_check_format), Field(json_schema_extra={"const": FORMAT})
    ] = file_key("a whole number", f"Always {FORMAT}.")
    name: Annotated[str, *name_rules(KEBAB)] = file_key(
        "a name, with hyphens", "The workflow that this is a version of.", alias="workflow"
    )
    label: LabelModel = file_key("a label", "Its name for people.")
    contract: ContractModel = file_key(
        "`contract`", "The names of this file that the API relies on, by what they mean to it."
    )
    params: dict[Name, ParamModel] = file_key(
        "parameters by name", "The values that a period sets.", default={}
    )
    start: StartModel | None = _optional_key("`start`", "What *Mulai* requires, before a plan exists.")
    states: dict[Name, StateModel] = file_key("states by name", "The states of a plan.")
    transitions: NonEmpty[TransitionModel] = file_key("a list of transitions", "The ways between states.")
    timers: tuple[TimerModel, ...] = file_key("a list of timers", "What happens by the clock.", default=())

    def definition_fields(self) -> dict[str, Any]:
        """Return the fields without the format."""
        return {name: value for name, value in super().definition_fields().items() if name != "format"}


# In the order of docs/workflow-format.md.
MODELS: tuple[type[DefinitionPart], ...] = (
    DefinitionModel, LabelModel, ContractModel, MutationModel, WindowParamsModel, PltParamsModel, ParamModel,
    StartModel, StateModel, TurnRuleModel, TransitionModel, AuthorityModel,
    TimerModel, AfterEntryModel, OnDateModel, RepeatModel, ActionModel, RemindModel, FireModel, ParamRefModel,
)  # fmt: skip
