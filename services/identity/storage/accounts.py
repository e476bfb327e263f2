"""belajar.id addresses and whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

from services.identity.domain.account import Account
from services.identity.domain.registry import AccountFacts, Row, Told
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of

# whoever writes accounts holds this: an address is looked up and given away in one step
LOCK = "accounts"


async def by_email(emails: Collection[str]) -> dict[str, Row[AccountFacts]]:
    """The accounts with these addresses (lower case). One query."""
    rows = await tables.Account.filter(email__in=list(emails))
    return {row.email: Row(facts_of(row, AccountFacts), Told(row.source, row.as_of)) for row in rows}


async def people_with_one(ptk_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who have an account, open or closed. One query."""
    return set(await tables.Account.filter(ptk_id__in=list(ptk_ids)).values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def save(accounts: Iterable[Row[AccountFacts]]) -> None:
    """Write accounts, new or changed; an account keeps its id for good. One statement."""
    columns = [
        columns_of(one.facts) | {"source": one.told.source, "as_of": one.told.as_of} for one in accounts
    ]
    if columns:
        rows = [tables.Account(id=uuid4(), **values) for values in columns]
        updated = [name for name in columns[0] if name != "email"]
        await tables.Account.bulk_create(rows, on_conflict=["email"], update_fields=updated)


async def find(email: str) -> Account | None:
    """The account with this address (lower case). One query."""
    row = await tables.Account.get_or_none(email=email)
    return facts_of(row, Account) if row else None


async def get(account_id: UUID) -> Account | None:
    """The account of this id. One query."""
    row = await tables.Account.get_or_none(id=account_id)
    return facts_of(row, Account) if row else None


async def of_person(ptk_id: UUID) -> list[Account]:
    """Every account a person ever had, the oldest first. One query."""
    rows = await tables.Account.filter(ptk_id=ptk_id).order_by("opened", "id")
    return [facts_of(row, Account) for row in rows]
