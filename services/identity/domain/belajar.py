"""Which domains of belajar.id people of schools sign in with: names compared label by label, never by how they end."""

from __future__ import annotations

import re
from collections.abc import Iterable

# DOMAIN.md "Facts to build on": teachers, operators and principals, education offices. Pupils have none of these.
# `*` stands for one or more whole labels.
FAMILY = (
    "guru.paud.belajar.id", "guru.sd.belajar.id", "guru.smp.belajar.id",
    "guru.sma.belajar.id", "guru.smk.belajar.id", "guru.slb.belajar.id",
    "admin.belajar.id", "admin.*.belajar.id", "dinas.belajar.id", "dinas.*.belajar.id",
)  # fmt: skip

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}|\*)(\.({_LABEL}|\*))+")


def is_domain_pattern(text: str) -> bool:
    """Whether it is a domain in lower case, of which some labels may be `*`."""
    return _DOMAIN.fullmatch(text) is not None


def is_within(domain: str, patterns: Iterable[str]) -> bool:
    """Whether the domain, exactly as it is written, is one of these; other cases and scripts are other names."""
    return any(re.fullmatch(_regex(pattern), domain) for pattern in patterns)


def _regex(pattern: str) -> str:
    labels = (rf"{_LABEL}(\.{_LABEL})*" if label == "*" else re.escape(label) for label in pattern.split("."))
    return r"\.".join(labels)
