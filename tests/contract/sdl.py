"""The GraphQL contract: the SDL file and the schema of the code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from services.planning.api.schema import sdl

GRAPHQL = Path(__file__).parents[2] / "graphql"
SDL_FILE = GRAPHQL / "planning.graphql"


@cache
def load_contract() -> GraphQLSchema:
    """Return the schema of the SDL file."""
    return build_schema(SDL_FILE.read_text())


@cache
def load_schema() -> GraphQLSchema:
    """Return the schema of the code."""
    return build_schema(sdl())
