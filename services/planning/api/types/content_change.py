"""What changed since the last submission, in words."""

from __future__ import annotations

from enum import Enum

import strawberry

from services.planning.api.context import Context
from services.planning.history.queries import changes_since_last_submission
from services.planning.plan.content_change import ChangeDescription
from services.planning.plan.queries import PlanView
from workflows.model.messages import Language, format_value


@strawberry.enum(description="A part of the plan, in the order of the screen.")
class PlanPart(Enum):
    DATA_DIRI = strawberry.enum_value("data_diri", description="Data diri, and the school.")
    PRAKTIK_KINERJA = strawberry.enum_value("praktik_kinerja", description="Tab 1.")
    PENGEMBANGAN_KOMPETENSI = strawberry.enum_value("pengembangan_kompetensi", description="Tab 2.")
    TUGAS_TAMBAHAN = strawberry.enum_value("tugas_tambahan", description="Tab 3.")
    PERILAKU_KERJA = strawberry.enum_value("perilaku_kerja", description="Tab 4.")


@strawberry.enum(description="What happened to a choice.")
class ChangeKind(Enum):
    ADDED = strawberry.enum_value("added", description="It was added.")
    REMOVED = strawberry.enum_value("removed", description="It was removed.")
    REPLACED = strawberry.enum_value("replaced", description="It was replaced.")


@strawberry.type(
    description="A change of a plan, in words. A code that the catalogue no longer has is shown as it is."
)
class ContentChange:
    part: PlanPart = strawberry.field(description="The part of the plan.")
    kind: ChangeKind = strawberry.field(description="The kind of the change.")
    about: str | None = strawberry.field(
        description="The field of data diri, the duty or the aspek; null if `part` is precise enough."
    )
    before: str | None = strawberry.field(
        description="The earlier value: a label or text; for a duty the number and date of its decree. Null if "
        "added."
    )
    after: str | None = strawberry.field(description="The current value, likewise. Null if removed.")


async def resolve_content_changes(view: PlanView, context: Context) -> list[ContentChange] | None:
    """The comparison in the caller's language."""
    changes = await changes_since_last_submission(view, context.connection)
    return None if changes is None else [_render_change(change, context.language) for change in changes]


def _render_change(change: ChangeDescription, language: Language) -> ContentChange:
    kind = "added" if change.before is None else "removed" if change.after is None else "replaced"
    about, before, after = (
        None if words is None else format_value(words, language)
        for words in (change.subject, change.before, change.after)
    )
    return ContentChange(
        part=PlanPart(change.part.value), kind=ChangeKind(kind), about=about, before=before, after=after
    )
