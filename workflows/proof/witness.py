"""The actors of a proof: one person for each part that a transition can name."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import By
from workflows.facts import SYSTEM, Actor
from workflows.proof.variables import ADMIN, HEAD, OWNER

ACTORS: Mapping[By, Actor] = {
    By("teacher", "owner"): Actor(OWNER),
    By("superior", "head_of_school"): Actor(HEAD),
    By("admin", "any"): Actor(ADMIN, frozenset({"admin"})),
    By("system", "any"): SYSTEM,
}
