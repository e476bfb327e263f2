"""What an event keeps of a plan beside itself: personal text that can be erased, whose digest stays in the chain."""

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
    """A plan as far as a submission keeps it."""

    content: Content
    profile: Profile
    school: School


def read_submission(content: str, profile: str) -> Submission:
    """What the two texts of a submission say."""
    seen = json.loads(profile)
    return Submission(
        _CONTENT.validate_json(content),
        _PROFILE.validate_python(seen["profile"]),
        _SCHOOL.validate_python(seen["school"]),
    )


def read_part(name: str, value: object) -> Content | Profile | School | None:
    """`content`, `profile` or `school` as read from JSON; None where it is none."""
    try:
        part: Content | Profile | School = _PARTS[name].validate_python(value)
    except ValueError:
        return None
    return part


def content_text(plan: Plan) -> ErasableText:
    """The choices, as they were handed in."""
    return ErasableText.of("content", canonical_json(_CONTENT.dump_python(plan.content, mode="json")))


def profile_text(plan: Plan) -> ErasableText:
    """Data diri and school, as a decision saw them."""
    seen = {
        "profile": _PROFILE.dump_python(plan.profile, mode="json"),
        "school": _SCHOOL.dump_python(plan.school, mode="json"),
    }
    return ErasableText.of("profile", canonical_json(seen))
