"""A plan waits for days: a timer reminds the principal, and an admin skips the escalation."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import wait_for_worker
from demo.services import ScenarioContext
from demo.session import Session

FRIDAY = "2024-01-19T02:00:00Z"
SUMMARY = (
    "Bima submitted his plan on Tuesday. The workflow reminds his principal after three days, and notifies the dinas "
    "after seven."
)
REASON = "Kepala sekolah sedang bertugas di luar kota sampai hari Kamis."


async def run(context: ScenarioContext) -> None:
    """Use the timers of the shipped workflow on the plans of the scenarios `pppk` and `non_asn`."""
    await context.set_clock(FRIDAY, "WIB")
    hartini = await context.sign_in(people.HARTINI)
    await wait_for_worker(lambda: _has_reminders(hartini), "reminded the principal")
    indonesian, english = await hartini.query_in_both_languages("Notifications")
    page, translations = indonesian["notifications"], english["notifications"]
    assert (page["unreadCount"], len(page["edges"])) == (2, 2)
    for edge, translation in zip(page["edges"], translations["edges"], strict=True):
        context.transcript.message(edge["node"]["sentence"], translation["node"]["sentence"])
    read = await hartini.query(
        "MarkNotificationsRead", notificationIds=[edge["node"]["id"] for edge in page["edges"]]
    )
    assert read["unreadCount"] == 0
    plan = await _read_timers(context, page["edges"][0]["node"]["id"])
    await _skip_escalation(context, plan)


async def _has_reminders(head: Session) -> bool:
    page = await head.poll("Notifications")
    return bool(len(page["notifications"]["edges"]) == 2)


async def _read_timers(context: ScenarioContext, foreign_notification: str) -> str:
    bima = await context.sign_in(people.BIMA, app="mobile")
    assert (await bima.query("Notifications"))["notifications"]["edges"] == []
    context.transcript.narrate(
        "Bima has no notification: it is not his turn. He cannot mark the notifications of another person."
    )
    await bima.expect_refusal(
        "MarkNotificationsRead", None, "notification.unknown", notificationIds=[foreign_notification]
    )
    plan = (await bima.query("Viewer"))["plan"]
    desktop = await context.sign_in(people.BIMA)
    timers = (await desktop.query("PlanTimers", id=plan["id"]))["timers"]
    for timer in timers:
        context.transcript.answer(f"{timer['label']}: {timer['dueAt']}")
    assert [timer["dueAt"] for timer in timers] == ["2024-01-22T01:00:00+00:00", "2024-01-23T01:00:00+00:00"]
    return str(plan["id"])


async def _skip_escalation(context: ScenarioContext, plan: str) -> None:
    laras = await context.sign_in(people.LARAS, app="admin")
    timers = (await laras.query("PlanTimers", id=plan))["timers"]
    (escalation,) = (timer for timer in timers if timer["label"] == "Eskalasi ke dinas")
    context.transcript.narrate("Laras knows that Hartini is away until Thursday. She skips the escalation.")
    skipped = await laras.command("SkipTimer", **_input(escalation), reason=REASON)
    assert (skipped["dueAt"], skipped["firingCount"]) == (None, 1)
    context.transcript.answer(f"recorded reason: {skipped['acts'][0]['reason']}")
    context.transcript.narrate("No timer has failed, so there is nothing to retry:")
    assert (await laras.query("TimerIncidents"))["edges"] == []
    reminder = next(timer for timer in timers if timer["id"] != escalation["id"])
    await laras.expect_refusal("RetryTimer", None, "timer.no_incident", **_input(reminder), reason=REASON)


def _input(timer: Json) -> Json:
    return {"timerId": timer["id"], "expectedFiringCount": timer["firingCount"]}
