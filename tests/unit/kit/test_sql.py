"""Named statements: parameters become placeholders, and a wrong declaration is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.kit.database import Database
from services.kit.sql import load_statements
from tests.conftest import Fresh


def test_parameters_become_placeholders_in_declared_order(tmp_path: Path) -> None:
    file = tmp_path / "store.sql"
    file.write_text(
        "-- name: find(period, ids)\nSELECT ':ids' -- :period\nWHERE id = ANY(:ids::uuid[]) AND p = :period;\n"
    )
    statement = load_statements(file)["find"]
    assert statement.parameters == ("period", "ids")
    assert statement.text == "SELECT ':ids' -- :period\nWHERE id = ANY($2::uuid[]) AND p = $1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("-- name: find(period)\nSELECT :period, :other;", "find declares", id="undeclared"),
        pytest.param("-- name: find(period)\nSELECT 1;", "find declares", id="unused"),
        pytest.param("-- name: find\nSELECT 1;", "not a declaration", id="without parameters"),
        pytest.param(
            "-- name: find()\nSELECT 1;\n-- name: find()\nSELECT 2;", "two statements", id="repeated"
        ),
    ],
)
def test_wrong_declaration_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "store.sql"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        load_statements(file)


async def test_statement_takes_exactly_its_parameters(tmp_path: Path, fresh_url: Fresh) -> None:
    file = tmp_path / "store.sql"
    file.write_text(
        "-- name: divide(divisor, dividend)\nSELECT :dividend::int / :divisor::int AS quotient;\n"
    )
    statement = load_statements(file)["divide"]
    database = Database(await fresh_url("services.identity"), "services.identity")
    await database.connect()
    try:
        connection = database.context.db()

        assert await statement.fetch(connection, dividend=12, divisor=3) == [{"quotient": 4}]
        assert await statement.fetch_value(connection, divisor=4, dividend=12) == 3
        with pytest.raises(TypeError, match="divide takes"):
            await statement.fetch(connection, dividend=12)
        with pytest.raises(TypeError, match="divide takes"):
            await statement.fetch(connection, dividend=12, divisor=3, rest=0)
    finally:
        await database.close()
