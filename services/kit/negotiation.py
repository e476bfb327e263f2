"""Headers by which a client says what it prefers, such as `Accept` and `Accept-Encoding`."""

from __future__ import annotations


def read_weights(header: str) -> dict[str, float]:
    """Return the weight of each value that a header lists, in lower case. Parameters other than `q` are dropped."""
    weights: dict[str, float] = {}
    for item in header.lower().split(","):
        value, *parameters = (part.strip() for part in item.split(";"))
        weights[value] = min((_read_weight(parameter) for parameter in parameters), default=1.0)
    return weights


def _read_weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
