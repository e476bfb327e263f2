from __future__ import annotations

import pytest
from graphql import build_schema, parse

from services.planning.api.deprecations import find_deprecated_fields

SCHEMA = build_schema(
    """
    interface Named { name: String  title: String @deprecated }
    type Plan implements Named { name: String @deprecated  title: String  note(as: Form, old: Int @deprecated): String }
    enum Form { LONG SHORT @deprecated }
    input Filter { name: String  nama: String @deprecated  inner: Filter }
    type Query { plan(filter: Filter, by: Int @deprecated): Plan  named: Named  old: Plan @deprecated }
    """
)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("{ plan { __typename title note } }", set()),
        ("{ plan { name title } }", {"Plan.name"}),
        ("{ named { name title } }", {"Named.title"}),
        ("{ named { ... on Plan { name } } }", {"Plan.name"}),
        ("{ a: old { ...F } plan { ...F } } fragment F on Plan { name }", {"Query.old", "Plan.name"}),
        (
            "{ plan(by: 1) { p: note(old: 1, as: SHORT) } }",
            {"Query.plan(by:)", "Plan.note(old:)", "Form.SHORT"},
        ),
        ('{ plan(filter: {name: "", inner: {nama: ""}}) { title } }', {"Filter.nama"}),
        ("query Q($form: Form = SHORT) { plan { note(as: $form) } }", {"Form.SHORT"}),
        ("{ plan @skip(if: true) { note(as: LONG) } }", set()),
    ],
)
def test_deprecated_elements_of_a_document_are_found(document: str, found: set[str]) -> None:
    assert find_deprecated_fields(SCHEMA, parse(document)) == found
