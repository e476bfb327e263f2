"""The workflow core: decides, and does nothing else. No I/O, no ORM, no GraphQL.

    definitions/*.yaml ─ reader ─ nodes ─ loader ─→ definition ─ lint ─→ machine      once, at start-up
                                                    (canonical: its SHA-256)
    facts ─→ decide ─ machine ─ rows ─┬ people        who may fire it
             (decision)               ├ guards        why not: trees over the registry of predicates
                                      └ effects       what planning then carries out

A definition is data: it names predicates, effects, roles and parameters of fixed registries; none of it runs.
`values` types what a period sets; `verdicts` is how a guard answers; `findings` and `messages` tell people
what is wrong, in Indonesian and English.
"""

from workflows.canonical import canonical, sha256
from workflows.decide import available, check_start, decide, whose_turn
from workflows.decision import Availability, Decision, Step
from workflows.definition import (
    Definition,
    Label,
    Param,
    ParamType,
    Phase,
    State,
    Transition,
    Turn,
    entered,
)
from workflows.effects import Effect
from workflows.facts import (
    SYSTEM,
    Actor,
    Facts,
    Given,
    Head,
    HeadKind,
    Missing,
    ParamValue,
    Snapshot,
    Withdrawn,
)
from workflows.findings import DefinitionError, Finding
from workflows.guards import as_json
from workflows.lint import lint
from workflows.loader import load, shipped
from workflows.machine import Workflow, assemble, build
from workflows.reader import read_yaml
from workflows.values import check_values, parse_values, read_values
from workflows.verdicts import Pass, Refused

__all__ = [
    "SYSTEM",
    "Actor",
    "Availability",
    "Decision",
    "Definition",
    "DefinitionError",
    "Effect",
    "Facts",
    "Finding",
    "Given",
    "Head",
    "HeadKind",
    "Label",
    "Missing",
    "Param",
    "ParamType",
    "ParamValue",
    "Pass",
    "Phase",
    "Refused",
    "Snapshot",
    "State",
    "Step",
    "Transition",
    "Turn",
    "Withdrawn",
    "Workflow",
    "as_json",
    "assemble",
    "available",
    "build",
    "canonical",
    "check_start",
    "check_values",
    "decide",
    "entered",
    "lint",
    "load",
    "parse_values",
    "read_values",
    "read_yaml",
    "sha256",
    "shipped",
    "whose_turn",
]
