"""Snapshots of a plan that events store as erasable texts: the choices of the tabs, and data diri with the school."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from services.planning.people.model import School
from services.planning.plan.events import ErasableText, canonical_json
from services.planning.plan.model import Plan
from services.planning.plan.profile import Profile
from services.planning.plan.tabs import Content

_CONTENT, _PROFILE, _SCHOOL = TypeAdapter(Content), TypeAdapter(Profile), TypeAdapter(School)
_PARTS: dict[str, TypeAdapter[Any]] = {"content": _CONTENT, "profile": _PROFILE, "school": _SCHOOL}


@dataclass(frozen=True, slots=True)
class Submission:
    """The parts of a plan that a submission stores."""

    content: Content
    profile: Profile
    school: School


def read_submission(content: str, profile: str) -> Submission:
    """Read the two texts of a submission."""
    snapshot = json.loads(profile)
    return Submission(
        _CONTENT.validate_json(content),
        _PROFILE.validate_python(snapshot["profile"]),
        _SCHOOL.validate_python(snapshot["school"]),
    )


def read_part(name: str, value: object) -> Content | Profile | School | None:
    """Read `content`, `profile` or `school` from JSON. Returns None for JSON of another form."""
    try:
        part: Content | Profile | School = _PARTS[name].validate_python(value)
    except ValueError:
        return None
    return part


def content_text(plan: Plan) -> ErasableText:
    """Return the snapshot of the choices, stored at each submission."""
    return ErasableText.of("content", canonical_json(_CONTENT.dump_python(plan.content, mode="json")))


def profile_text(plan: Plan) -> ErasableText:
    """Return the snapshot of data diri and school, stored when they change and at each submission."""
    snapshot = {
        "profile": _PROFILE.dump_python(plan.profile, mode="json"),
        "school": _SCHOOL.dump_python(plan.school, mode="json"),
    }
    return ErasableText.of("profile", canonical_json(snapshot))
