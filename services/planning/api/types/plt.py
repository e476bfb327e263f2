"""The confirmation of a Plt as GraphQL shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.planning.api.types.result import Refused


@strawberry.type(
    description="The Plt of a school has confirmed for a period; it covers later submissions too."
)
class PltConfirmation:
    npsn: str = strawberry.field(description="The school.")
    period: strawberry.ID = strawberry.field(description="The period.")
    confirmed_at: datetime = strawberry.field(description="When.")
    replayed: bool = strawberry.field(description="It stood already; nothing was done again.")


ConfirmAsPltResult = Annotated[
    PltConfirmation | Refused,
    strawberry.union("ConfirmAsPltResult", description="The confirmation, or every reason why not."),
]
