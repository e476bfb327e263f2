"""Metrics of operations over HTTP: names, outcomes, statements; and the gauges of pool and event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from services.kit import loop_lag
from services.planning.api.documents import load_trusted_documents
from tests.integration.planning.environment import Environment
from tests.integration.planning.http_edge import (
    SIGNED_IN,
    TRUSTED,
    post,
    request_body,
    serve_edge,
    sign_token,
)
from tests.small_registry import PNS

IDS = {document.name: digest for digest, document in load_trusted_documents().items()}


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def list_series(name: str) -> dict[frozenset[tuple[str, str]], float]:
    """Return the value of each series of a metric by its labels."""
    return {
        frozenset(sample.labels.items()): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == name
    }


@pytest.mark.parametrize(
    ("body", "operation", "code", "status"),
    [
        ({"documentId": next(iter(TRUSTED))}, "edge/Me", "OK", "200"),
        (request_body("{hello}"), "other", "OK", "200"),
        (request_body("query Echo {hello}"), "other", "OK", "200"),
        (request_body("{broken}"), "other", "INTERNAL", "200"),
        (request_body("{refused broken}"), "other", "INTERNAL", "200"),
        (request_body("{away}"), "other", "UNAVAILABLE", "503"),
        (request_body("{nothing}"), "other", "GRAPHQL_INVALID", "400"),
        ("{", "other", "BAD_REQUEST", "400"),
    ],
    ids=str,
)
async def test_request_is_counted_by_operation_and_outcome(
    body: object, operation: str, code: str, status: str
) -> None:
    labels = {"operation": operation, "code": code}
    http_labels = {"method": "POST", "status": status, "code": code}
    before = read("rencana_operation_seconds_count", **labels)
    http_before = read("rencana_http_seconds_count", **http_labels)
    async with serve_edge() as session:
        await post(session, body)
    assert read("rencana_operation_seconds_count", **labels) == before + 1
    assert read("rencana_http_seconds_count", **http_labels) == http_before + 1


async def test_use_of_a_deprecated_field_is_counted_by_client() -> None:
    partner = str(uuid4())
    greeting = next(digest for digest, document in TRUSTED.items() if document.name == "edge/Greeting")
    as_partner = f"Bearer {sign_token(client=partner)}"
    requests: list[tuple[str, object, str]] = [
        ("edge", {"documentId": greeting}, SIGNED_IN),
        ("other", request_body("{ greeting }"), SIGNED_IN),
        (
            "other",
            request_body("query A { hello ...F } fragment F on Query { deeper { greeting } }"),
            SIGNED_IN,
        ),
        (partner, request_body("{ greeting }"), as_partner),
        (partner, {"documentId": greeting}, as_partner),
    ]
    async with serve_edge() as session:
        for client, body, token in requests * 2:
            labels = {"client": client, "field": "Query.greeting"}
            before = read("rencana_deprecated_fields_total", **labels)
            status, answer, _ = await post(session, body, authorization=token)
            assert (status, "errors" in answer) == (200, False)
            assert read("rencana_deprecated_fields_total", **labels) == before + 1
        series = list_series("rencana_deprecated_fields_total")
        await post(session, request_body("{ hello }"))
        await post(session, request_body("{ greeting nothing }"))
        assert list_series("rencana_deprecated_fields_total") == series


async def test_statements_and_waits_are_counted_and_logged(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="services.kit.http")
    teacher = await environment.sign_in(PNS)
    operation = {"operation": "mobile/StartPlan"}
    names = ("rencana_operation_statements", "rencana_operation_pool_wait_seconds")
    before = {name: read(f"{name}_count", **operation) for name in names}
    statements = read("rencana_operation_statements_sum", **operation)
    body: dict[str, Any] = {"documentId": IDS["mobile/StartPlan"], "variables": {"input": {}}}
    _, answer = await teacher.post(body)
    assert answer["data"]
    for name in names:
        assert read(f"{name}_count", **operation) == before[name] + 1
    count = read("rencana_operation_statements_sum", **operation) - statements
    assert count >= 3  # the period, the plan and the commit at least
    (line,) = [
        record.getMessage() for record in caplog.records if "op=mobile/StartPlan" in record.getMessage()
    ]
    assert f" code=OK sql={int(count)} wait=" in line


async def test_refusal_as_data_is_no_success(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    labels = {"operation": "mobile/SubmitPlan", "code": "REJECTED"}
    before = read("rencana_operation_seconds_count", **labels)
    variables = {"input": {"planId": teacher.plan_id, "expectedVersion": 1}}
    await teacher.post({"documentId": IDS["mobile/SubmitPlan"], "variables": variables})
    assert read("rencana_operation_seconds_count", **labels) == before + 1


async def test_pool_and_event_loop_have_gauges(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_lag, "SAMPLE_SECONDS", 0.01)
    async with loop_lag.measured_loop():
        await asyncio.sleep(0.05)
        time.sleep(0.3)  # noqa: ASYNC251 - what the gauge measures
        await asyncio.sleep(0.05)
        assert read("rencana_event_loop_lag_seconds") > 0.2
    async with environment.planning.get("/metrics") as response:
        text = await response.text()
    for state in ("used", "idle", "max"):
        assert f'rencana_database_connections{{state="{state}"}}' in text
    assert read("rencana_database_connections", state="max") == 20
