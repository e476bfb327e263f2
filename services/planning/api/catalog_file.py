"""Catalogues as files, for caches: `GET /catalogs/{id}` with the fields that `Catalog` has in GraphQL."""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.private import is_private
from strawberry.utils.str_converters import to_camel_case

from services.kit.http import problem_response
from services.kit.problems import Messages, Problem, RequestRefused
from services.planning.api.downloads import Download, download_response
from services.planning.api.ids import parse_catalog_id
from services.planning.api.types.catalog import render_catalog
from services.planning.people.services import Services
from services.planning.period.catalog import CatalogLevel
from services.planning.period.queries import find_catalog_levels

CACHE_CONTROL = "public, max-age=31536000, immutable"


def catalog_route(services: Services, messages: Messages, cors: Middleware) -> Route:
    """Return the route of catalogues. It needs no token: a catalogue names no person."""

    async def download(request: Request) -> Response:
        try:
            key = parse_catalog_id(request.path_params["id"], ("id",))
        except RequestRefused:
            level = None
        else:
            (level,) = await find_catalog_levels(services, [key])
        if level is None:
            return problem_response(request, messages, [Problem("catalog.unknown", {}, ("id",))], 404)
        return download_response(request, _print_catalog(level), CACHE_CONTROL)

    return Route("/catalogs/{id}", download, middleware=[cors])


@lru_cache(maxsize=256)
def _print_catalog(level: CatalogLevel) -> Download:
    fields = _list_fields(render_catalog(level))
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return Download.create(text, "application/json")


def _list_fields(value: Any) -> Any:
    """Return a value as GraphQL prints it, without fields that depend on more than the catalogue."""
    if isinstance(value, list):
        return [_list_fields(item) for item in value]
    if isinstance(value, Enum):
        return value.name
    definition: StrawberryObjectDefinition | None = getattr(value, "__strawberry_definition__", None)
    if definition is None:
        return value
    return {
        to_camel_case(field.python_name): _list_fields(getattr(value, field.python_name))
        for field in definition.fields
        if not field.base_resolver and not is_private(field.type)
    }
