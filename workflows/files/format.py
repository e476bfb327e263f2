"""The keys of a definition file: what the loader accepts, and what the reference of the format tells of each."""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Key:
    """A key; `holds` is the kind of value, `meaning` what it says. Without `needed` it may be left out."""

    name: str
    holds: str
    meaning: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping with known keys; any other key is refused."""

    title: str
    keys: tuple[Key, ...]

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The keys that must be there, and those that may."""
        needed, optional = ([key.name for key in self.keys if key.needed is wish] for wish in (True, False))
        return tuple(needed), tuple(optional)


LABEL = Shape(
    "A label",
    (
        Key("id", "a text", "In Indonesian."),
        Key("en", "a text", "In English."),
    ),
)
DEFINITION = Shape(
    "The file",
    (
        Key("format", "a whole number", f"Always {FORMAT}."),
        Key("workflow", "a name, with hyphens", "Which workflow this is a version of."),
        Key("label", "a label", "Its name for people."),
        Key("params", "parameters by name", "The values that a period gives.", needed=False),
        Key("start", "`start`", "What *Mulai* needs, before a plan exists.", needed=False),
        Key("states", "states by name", "Where a plan can stand."),
        Key("transitions", "a list of transitions", "How it gets from one state to another."),
        Key("timers", "a list of timers", "What happens by the clock.", needed=False),
    ),
)
START = Shape("`start`", (Key("when", "a guard", "What must hold to start a plan.", needed=False),))
PARAM = Shape(
    "A parameter",
    (
        Key("type", "a type", "The kind of value."),
        Key("label", "a label", "The name under which admins propose values."),
        Key(
            "default",
            "a value",
            "What counts where a period gives none; without it every period has to.",
            needed=False,
        ),
        Key("minimum", "a whole number", "The least value of an `int`, itself allowed.", needed=False),
        Key("maximum", "a whole number", "The greatest value of an `int`, itself allowed.", needed=False),
        Key(
            "not_before",
            "the name of a parameter",
            "Another `date` that this one never precedes.",
            needed=False,
        ),
    ),
)
STATE = Shape(
    "A state",
    (
        Key("label", "a label", "What screens show."),
        Key("phase", "a phase", "What clients rely on, whatever states there are."),
        Key(
            "turn",
            "a turn, or a list of turn rules",
            "On whom a plan waits here; the first rule that holds decides.",
        ),
        Key("initial", "true or false", "New plans stand here: exactly one state.", needed=False),
        Key(
            "final", "true or false", "The workflow has nothing more to do: at least one state.", needed=False
        ),
    ),
)
TURN_RULE = Shape(
    "A turn rule",
    (
        Key("who", "a turn", "Who is on turn."),
        Key(
            "when",
            "a guard",
            "If this holds. The last rule has none, and no other may lack it.",
            needed=False,
        ),
    ),
)
TRANSITION = Shape(
    "A transition",
    (
        Key("id", "a name", "Its own."),
        Key(
            "trigger",
            'a name (`camelCase`), or `"@entered(STATE)"`',
            "What fires it: a command, or that a plan enters the state. That is tried again whenever what the plan "
            "waits for may have changed.",
        ),
        Key("label", "a label", "What the button says, and the history."),
        Key("from", "a state, or a list of states", "Where it leads from."),
        Key("to", "a state", "Where it leads to."),
        Key("by", "`by`", "Who may fire it."),
        Key("when", "a guard", "What must hold; each reason why not is told.", needed=False),
        Key("warn", "a guard", "The same, but whoever acts may acknowledge what is lacking.", needed=False),
        Key("require", "a requirement, or a list of them", "What the command must bring.", needed=False),
        Key("effects", "a list of effects", "What else happens, in the same commit.", needed=False),
        Key(
            "exceptional", "true or false", "It stands outside the normal course: a correction.", needed=False
        ),
    ),
)
BY = Shape(
    "`by`",
    (
        Key("role", "a role", "As whom one acts."),
        Key("relation", "a relation", "How one stands to this very plan; `any` if left out.", needed=False),
    ),
)
TIMER = Shape(
    "A timer",
    (
        Key("id", "a name", "Its own."),
        Key("label", "a label", "What it is called, as in a notification."),
        Key(
            "while",
            "a state, or a list of states",
            "It runs while a plan stays there, and anew when it comes back.",
        ),
        Key("after", "`after`", "When, from entering the state; either this or `at`.", needed=False),
        Key("at", "`at`", "When, by a date of the period; either this or `after`.", needed=False),
        Key(
            "hour", "a whole number from 0 to 23", "On the clock of the school; 8 if left out.", needed=False
        ),
        Key("repeat", "`repeat`", "Again and again, as long as the plan stays.", needed=False),
        Key("do", "`do`", "What then."),
    ),
)
AFTER = Shape(
    "`after`",
    (
        Key(
            "days",
            "a whole number from 1 to 366, or an argument from the period",
            "Days of the school's calendar.",
        ),
    ),
)
AT = Shape(
    "`at`",
    (
        Key(
            "param",
            "the name of a parameter",
            "A `date`, read when the timer is armed and again when it is due.",
        ),
        Key(
            "days",
            "a whole number from -366 to 366",
            "How many days later, or earlier; 0 if left out.",
            needed=False,
        ),
    ),
)
REPEAT = Shape(
    "`repeat`",
    (
        Key(
            "days",
            "a whole number from 1 to 366, or an argument from the period",
            "Days from one to the next.",
        ),
        Key("max", "a whole number from 1 to 100", "How often at most, the first time included."),
    ),
)
DO = Shape(
    "`do`",
    (
        Key(
            "remind",
            "`remind`",
            "Tell somebody: the plan is not changed. Either this or `fire`.",
            needed=False,
        ),
        Key(
            "fire",
            "`fire`",
            "Move the plan by an event of the system. Either this or `remind`.",
            needed=False,
        ),
    ),
)
REMIND = Shape("`remind`", (Key("who", "a recipient", "Who is told."),))
FIRE = Shape(
    "`fire`",
    (
        Key(
            "trigger",
            "a name (`camelCase`)",
            "From each state of `while` a transition by the system answers to it, leads to another state, and asks "
            "for nothing.",
        ),
    ),
)
PARAM_REF = Shape(
    "An argument from the period",
    (Key("param", "the name of a parameter", "Its value, read at each decision."),),
)

SHAPES = (
    DEFINITION,
    LABEL,
    PARAM,
    START,
    STATE,
    TURN_RULE,
    TRANSITION,
    BY,
    TIMER,
    AFTER,
    AT,
    REPEAT,
    DO,
    REMIND,
    FIRE,
    PARAM_REF,
)
