"""Which of the two media types of GraphQL over HTTP a client wants."""

from __future__ import annotations

from collections.abc import Iterator

MODERN, LEGACY = "application/graphql-response+json", "application/json"
RANGES = {MODERN: MODERN, LEGACY: LEGACY, "application/*": LEGACY, "*/*": LEGACY}


def negotiated(accept: str | None) -> str | None:
    """The type that `Accept` prefers, the newer one between equals; None where it takes neither.

    Who asks for anything, or for nothing in particular, gets application/json, which every client reads.
    """
    offers = [(weight, media == MODERN, media) for media, weight in _named(accept or "*/*") if weight > 0]
    return max(offers)[2] if offers else None


def _named(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.lower().split(","):
        media, *parameters = (part.strip() for part in item.split(";"))
        if media in RANGES:
            yield RANGES[media], min((_weight(parameter) for parameter in parameters), default=1.0)


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
