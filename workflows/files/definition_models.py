"""A workflow definition as its file writes it: every key, the kind of value it holds, and what it means.

The loader reads by these models; docs/workflow-format.md and the JSON Schema for editors are made from them. Whether
the parts fit together is the linter's question.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from workflows.engine.authority import AUTHORITIES
from workflows.files.base import NonEmpty, StrictBool, StrictInt
from workflows.files.guard_models import Effect, Guard
from workflows.files.parts import (
    NAME,
    Days,
    DefinitionPart,
    Label,
    Name,
    Names,
    ParamRef,
    fault,
    file_key,
    name_rules,
    to_definition,
)
from workflows.model import definition
from workflows.model.values import parse_value

FORMAT = 1
ROLES, RELATIONS = (
    sorted({by.role for by in AUTHORITIES}),
    sorted({by.relation for by in AUTHORITIES}),
)
KEBAB = re.compile("[a-z][a-z0-9-]{0,59}", re.ASCII)
# `state` is where the machine keeps the state, so the library refuses it as a trigger.
EVENT = re.compile("(?!state$)[a-z][A-Za-z0-9]{0,59}", re.ASCII)
TRIGGER = re.compile(rf"{EVENT.pattern}|@entered\({NAME.pattern}\)", re.ASCII)


def _known_format(value: int) -> int:
    if value != FORMAT:
        raise fault("definition.unknown_format", {"known": FORMAT})
    return value


class Param(DefinitionPart):
    """A parameter."""

    type: definition.ParamType = file_key("a type", "The kind of value.")
    label: Label = file_key("a label", "The name under which admins propose values.")
    minimum: StrictInt | None = file_key(
        "a whole number", "The least value of an `int`, itself allowed.", default=None
    )
    maximum: StrictInt | None = file_key(
        "a whole number", "The greatest value of an `int`, itself allowed.", default=None
    )
    not_before: Name | None = file_key(
        "the name of a parameter", "Another `date` that this one never precedes.", default=None
    )
    default: bool | int | date | None = file_key(
        "a value", "What counts where a period gives none; without it every period has to.", default=None
    )

    @field_validator("default", mode="plain", json_schema_input_type=bool | int | str)
    @classmethod
    def _fits_the_type(cls, value: object, info: ValidationInfo) -> object:
        if "type" not in info.data:
            return None  # that is the fault to report
        bounds = info.data.get("minimum"), info.data.get("maximum")
        param = definition.Param("", info.data["type"], definition.Label("", ""), None, *bounds)
        default, findings = parse_value(param, value)
        for finding in findings:
            raise fault(finding.code, finding.params)
        return default


class Start(DefinitionPart):
    """`start`."""

    when: Guard | None = file_key("a guard", "What must hold to start a plan.", default=None)

    def to_definition(self, **more: object) -> Any:
        """Only the guard."""
        return to_definition(self.when)


class TurnRule(DefinitionPart):
    """A turn rule."""

    turn: definition.Turn = file_key("a turn", "Who is on turn.", alias="who")
    when: Guard | None = file_key(
        "a guard", "If this holds. The last rule has none, and no other may lack it.", default=None
    )


class State(DefinitionPart):
    """A state."""

    label: Label = file_key("a label", "What screens show.")
    phase: definition.Phase = file_key("a phase", "What clients rely on, whatever states there are.")
    turn: Annotated[
        NonEmpty[TurnRule],
        BeforeValidator(
            lambda value: value if isinstance(value, list) else [{"who": value}],
            json_schema_input_type=definition.Turn | NonEmpty[TurnRule],
        ),
    ] = file_key(
        "a turn, or a list of turn rules", "On whom a plan waits here; the first rule that holds decides."
    )
    initial: StrictBool = file_key("true or false", "New plans stand here: exactly one state.", default=False)
    final: StrictBool = file_key(
        "true or false", "The workflow has nothing more to do: at least one state.", default=False
    )


class Authority(DefinitionPart):
    """`by`."""

    role: Name = file_key("a role", "As whom one acts.", json_schema_extra={"enum": ROLES})
    relation: Name = file_key(
        "a relation",
        "How one stands to this very plan; `any` if left out.",
        default="any",
        json_schema_extra={"enum": RELATIONS},
    )


class Transition(DefinitionPart):
    """A transition."""

    id: Name = file_key("a name", "Its own.")
    trigger: Annotated[str, *name_rules(TRIGGER)] = file_key(
        'a name (`camelCase`), or `"@entered(STATE)"`',
        "What fires it: a command, or that a plan enters the state. That is tried again whenever what the plan "
        "waits for may have changed.",
    )
    label: Label = file_key("a label", "What the button says, and the history.")
    from_states: Names = file_key("a state, or a list of states", "Where it leads from.", alias="from")
    to_state: Name = file_key("a state", "Where it leads to.", alias="to")
    authority: Authority = file_key("`by`", "Who may fire it.", alias="by")
    when: Guard | None = file_key("a guard", "What must hold; each reason why not is told.", default=None)
    warn: Guard | None = file_key(
        "a guard", "The same, but whoever acts may acknowledge what is lacking.", default=None
    )
    require: Names = file_key("a requirement, or a list of them", "What the command must bring.", default=())
    effects: tuple[Effect, ...] = file_key(
        "a list of effects", "What else happens, in the same commit.", default=()
    )
    exceptional: StrictBool = file_key(
        "true or false", "It stands outside the normal course: a correction.", default=False
    )


class AfterEntry(DefinitionPart):
    """`after`."""

    days: Days = file_key(
        "a whole number from 1 to 366, or an argument from the period", "Days of the school's calendar."
    )


class OnDate(DefinitionPart):
    """`at`."""

    param: Name = file_key(
        "the name of a parameter", "A `date`, read when the timer is armed and again when it is due."
    )
    days: StrictInt = file_key(
        "a whole number from -366 to 366", "How many days later, or earlier; 0 if left out.", default=0
    )


class Repeat(DefinitionPart):
    """`repeat`."""

    days: Days = file_key(
        "a whole number from 1 to 366, or an argument from the period", "Days from one to the next."
    )
    max_firings: StrictInt = file_key(
        "a whole number from 1 to 100", "How often at most, the first time included.", alias="max"
    )


class Remind(DefinitionPart):
    """`remind`."""

    recipient: definition.Recipient = file_key("a recipient", "Who is told.", alias="who")


class Fire(DefinitionPart):
    """`fire`."""

    trigger: Annotated[str, *name_rules(EVENT)] = file_key(
        "a name (`camelCase`)",
        "From each state of `while` a transition by the system answers to it, leads to another state, and asks "
        "for nothing.",
    )


class Action(DefinitionPart):
    """`do`."""

    exactly_one: ClassVar = ("remind", "fire")

    remind: Remind | None = file_key(
        "`remind`", "Tell somebody: the plan is not changed. Either this or `fire`.", default=None
    )
    fire: Fire | None = file_key(
        "`fire`", "Move the plan by an event of the system. Either this or `remind`.", default=None
    )

    def to_definition(self, **more: object) -> Any:
        """What the timer does."""
        return to_definition(self.remind or self.fire)


class Timer(DefinitionPart):
    """A timer."""

    exactly_one: ClassVar = ("after", "at")

    id: Name = file_key("a name", "Its own.")
    label: Label = file_key("a label", "What it is called, as in a notification.")
    states: Names = file_key(
        "a state, or a list of states",
        "It runs while a plan stays there, and anew when it comes back.",
        alias="while",
    )
    after: AfterEntry | None = file_key(
        "`after`", "When, from entering the state; either this or `at`.", default=None
    )
    at: OnDate | None = file_key(
        "`at`", "When, by a date of the period; either this or `after`.", default=None
    )
    hour: StrictInt = file_key(
        "a whole number from 0 to 23", "On the clock of the school; 8 if left out.", default=8
    )
    repeat: Repeat | None = file_key("`repeat`", "Again and again, as long as the plan stays.", default=None)
    action: Action = file_key("`do`", "What then.", alias="do")

    def definition_fields(self) -> dict[str, Any]:
        """The fields, with `after` or `at` as `when`."""
        fields = super().definition_fields()
        after, at = fields.pop("after"), fields.pop("at")
        return {**fields, "when": after or at}


class Definition(DefinitionPart):
    """The file."""

    format: Annotated[
        StrictInt, AfterValidator(_known_format), Field(json_schema_extra={"const": FORMAT})
    ] = file_key("a whole number", f"Always {FORMAT}.")
    name: Annotated[str, *name_rules(KEBAB)] = file_key(
        "a name, with hyphens", "Which workflow this is a version of.", alias="workflow"
    )
    label: Label = file_key("a label", "Its name for people.")
    params: dict[Name, Param] = file_key("parameters by name", "The values that a period gives.", default={})
    start: Start | None = file_key("`start`", "What *Mulai* needs, before a plan exists.", default=None)
    states: dict[Name, State] = file_key("states by name", "Where a plan can stand.")
    transitions: NonEmpty[Transition] = file_key(
        "a list of transitions", "How it gets from one state to another."
    )
    timers: tuple[Timer, ...] = file_key("a list of timers", "What happens by the clock.", default=())

    def definition_fields(self) -> dict[str, Any]:
        """The fields without the format."""
        return {name: value for name, value in super().definition_fields().items() if name != "format"}


# In the order of the page that describes them.
MODELS: tuple[type[DefinitionPart], ...] = (
    Definition, Label, Param, Start, State, TurnRule, Transition, Authority, Timer, AfterEntry, OnDate, Repeat, Action,
    Remind, Fire, ParamRef,
)  # fmt: skip
