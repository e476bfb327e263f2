"""The part of the loader that reads timers: while which states, when, and what then."""

from __future__ import annotations

import re
from dataclasses import replace

from workflows.files.format import AFTER, AT, DO, FIRE, REMIND, REPEAT, TIMER
from workflows.files.nodes import Node
from workflows.files.tree_loader import read_argument, read_label
from workflows.model.definition import After, At, Fire, ParamRef, Recipient, Remind, Repeat, Timer

ORDINARY = re.compile(r"(?!state$)[a-z][A-Za-z0-9]{0,59}", re.ASCII)  # a trigger of a person's commands, too


def read_timer(node: Node) -> Timer:
    """A timer; `max` must be said with `repeat`, for nobody wants to be reminded for ever."""
    keys = node.fields(*TIMER.names)
    timer = Timer(
        id=keys["id"].name(),
        label=read_label(keys["label"]),
        states=keys["while"].names(),
        when=_when(node, keys),
        does=_does(keys["do"]),
        repeat=_repeat(keys["repeat"]) if "repeat" in keys else None,
    )
    return replace(timer, hour=keys["hour"].whole()) if "hour" in keys else timer


def _when(node: Node, keys: dict[str, Node]) -> After | At:
    if ("after" in keys) is ("at" in keys):
        node.find("definition.one_of", known=("after", "at"))
    if "after" in keys:
        return After(_days(keys["after"].fields(*AFTER.names)["days"]))
    at = keys["at"].fields(*AT.names) if "at" in keys else {}
    param = at["param"].name() if "param" in at else ""
    return At(param, at["days"].whole() if "days" in at else 0)


def _repeat(node: Node) -> Repeat:
    keys = node.fields(*REPEAT.names)
    return Repeat(_days(keys["days"]), keys["max"].whole())


def _does(node: Node) -> Remind | Fire:
    keys = node.fields(*DO.names)
    if len(keys) != 1:
        node.find("definition.one_of", known=("remind", "fire"))
    if "fire" in keys:
        return Fire(keys["fire"].fields(*FIRE.names)["trigger"].name(ORDINARY))
    who = keys["remind"].fields(*REMIND.names)["who"].word(Recipient) if "remind" in keys else Recipient.OWNER
    return Remind(who)


def _days(node: Node) -> int | ParamRef:
    value = read_argument(node)
    if type(value) is int or isinstance(value, ParamRef):
        return value
    node.find("definition.int_expected")
    return 0
