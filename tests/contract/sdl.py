"""The contract as it is promised (the file) and as it runs (the code)."""

from __future__ import annotations

from pathlib import Path

from graphql import BreakingChange, GraphQLSchema, build_schema, find_breaking_changes

from services.planning.api.schema import sdl

GRAPHQL = Path(__file__).parents[2] / "graphql"
PROMISED = GRAPHQL / "planning.graphql"
DOCUMENTS = sorted((GRAPHQL / "operations").rglob("*.graphql"))


def promised() -> GraphQLSchema:
    return build_schema(PROMISED.read_text())


def running() -> GraphQLSchema:
    return build_schema(sdl())


def broken(old: GraphQLSchema, new: GraphQLSchema) -> list[str]:
    """What a client that relies on `old` would lose under `new`, a sentence each."""
    changes: list[BreakingChange] = find_breaking_changes(old, new)
    return sorted(change.description for change in changes)
