"""The workflow core: decides, and does nothing else. No I/O, no ORM, no GraphQL.

    definitions/*.yaml ─ reader ─ nodes ─ loader ─→ definition ─ lint ─→ machine      once, at start-up
                                                        │         └ proof (solver, paths, progress, witness)
                                                        ├ canonical: its SHA-256
                                                        ├ diff: what changes between two, and can plans follow
                                                        └ diagram: Mermaid
    facts ─→ decide ─ machine ─ rows ─┬ people        who may fire it
             (decision)               ├ guards        why not: trees over the registry of predicates
                                      └ effects       what planning then carries out
    since when, values of the period, zone ─→ timers: when what goes by the clock falls due

A definition is data: it names predicates, effects, roles and parameters of fixed registries; none of it runs.
`values` types what a period sets; `verdicts` is how a guard answers; `findings`, `messages` and `telling` tell
people what is wrong and what shows it, in Indonesian and English. `format` lists the keys that the loader takes, and
`reference` tells the whole format from these registries; `terms` are closed words that carry their meaning.
"""

from workflows.build import assemble, build
from workflows.canonical import canonical, sha256
from workflows.decide import available, check_start, decide, whose_turn
from workflows.decision import Availability, Decision, Step
from workflows.definition import (
    Definition,
    Fire,
    Label,
    Param,
    ParamType,
    Phase,
    Recipient,
    Remind,
    State,
    Timer,
    Transition,
    Turn,
    entered,
)
from workflows.diagram import diagram
from workflows.diff import Change, Gravity, diff, gravity
from workflows.effects import Effect
from workflows.explain import Explained, explain
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
from workflows.machine import Workflow
from workflows.reader import read_yaml
from workflows.telling import tell
from workflows.timers import Armed, after_firing, armed, reads_params, replanned
from workflows.values import check_values, parse_values, read_values
from workflows.verdicts import Pass, Refused
from workflows.witness import Witness

__all__ = [
    "SYSTEM",
    "Actor",
    "Armed",
    "Availability",
    "Change",
    "Decision",
    "Definition",
    "DefinitionError",
    "Effect",
    "Explained",
    "Facts",
    "Finding",
    "Fire",
    "Given",
    "Gravity",
    "Head",
    "HeadKind",
    "Label",
    "Missing",
    "Param",
    "ParamType",
    "ParamValue",
    "Pass",
    "Phase",
    "Recipient",
    "Refused",
    "Remind",
    "Snapshot",
    "State",
    "Step",
    "Timer",
    "Transition",
    "Turn",
    "Withdrawn",
    "Witness",
    "Workflow",
    "after_firing",
    "armed",
    "as_json",
    "assemble",
    "available",
    "build",
    "canonical",
    "check_start",
    "check_values",
    "decide",
    "diagram",
    "diff",
    "entered",
    "explain",
    "gravity",
    "lint",
    "load",
    "parse_values",
    "read_values",
    "read_yaml",
    "reads_params",
    "replanned",
    "sha256",
    "shipped",
    "tell",
    "whose_turn",
]
