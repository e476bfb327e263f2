"""A plan waits for days: the clock reminds the superior, and the dinas skips what is not needed."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import wait_for_worker
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

FRIDAY = "2024-01-19T02:00:00Z"
SUMMARY = (
    "Bima's plan has waited since Tuesday. Nobody has to think of it: three days later the workflow reminds his "
    "principal, and after seven it would tell the dinas."
)
REASON = "Kepala sekolah sedang bertugas di luar kota sampai hari Kamis."


async def run(services: Services, transcript: Transcript) -> None:
    """Timers of the shipped workflow; Bima's and Sekar's plans are those of the second and third story."""
    await services.restart_at(FRIDAY, "WIB", transcript)
    hartini = await services.sign_in(people.HARTINI, transcript)
    await wait_for_worker(lambda: _told(hartini), "reminded the principal")
    ours, english = await hartini.query_in_both_languages("Notifications")
    page, same = ours["notifications"], english["notifications"]
    assert (page["unreadCount"], len(page["edges"])) == (2, 2)
    for edge, other in zip(page["edges"], same["edges"], strict=True):
        transcript.message(edge["node"]["sentence"], other["node"]["sentence"])
    read = await hartini.query("MarkNotificationsRead", ids=[edge["node"]["id"] for edge in page["edges"]])
    assert read["unreadCount"] == 0
    plan = await _on_a_phone(services, page["edges"][0]["node"]["id"], transcript)
    await _dinas(services, plan, transcript)


async def _told(head: Session) -> bool:
    page = await head.client.send("web/Notifications", head.token, {})
    return bool(len(page["notifications"]["edges"]) == 2)


async def _on_a_phone(services: Services, others: str, transcript: Transcript) -> str:
    bima = await services.sign_in(people.BIMA, transcript, app="mobile")
    assert (await bima.query("Notifications"))["notifications"]["edges"] == []
    transcript.narrate("Nothing for Bima himself: it is not his turn. Nor can he mark what is another's.")
    await bima.expect_refusal("MarkNotificationsRead", None, "notification.unknown", ids=[others])
    plan = (await bima.query("Viewer"))["plan"]
    at_home = await services.sign_in(people.BIMA, transcript)
    timers = (await at_home.query("PlanTimers", id=plan["id"]))["timers"]
    for timer in timers:
        transcript.answer(f"{timer['label']}: {timer['due']}")
    assert [timer["due"] for timer in timers] == ["2024-01-22T01:00:00+00:00", "2024-01-23T01:00:00+00:00"]
    return str(plan["id"])


async def _dinas(services: Services, plan: str, transcript: Transcript) -> None:
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    timers = (await laras.query("PlanTimers", id=plan))["timers"]
    (escalation,) = (timer for timer in timers if timer["label"] == "Eskalasi ke dinas")
    transcript.narrate("Hartini is away until Thursday, as Laras knows. The escalation is not needed.")
    skipped = await laras.query("SkipTimer", **_input(escalation), reason=REASON)
    assert (skipped["due"], skipped["count"]) == (None, 1)
    transcript.answer(f"on record: {skipped['acts'][0]['reason']}")
    transcript.narrate("Nothing has failed, so there is nothing to try again:")
    assert (await laras.query("Incidents"))["edges"] == []
    reminder = next(timer for timer in timers if timer["id"] != escalation["id"])
    await laras.expect_refusal("RetryTimer", None, "timer.no_incident", **_input(reminder), reason=REASON)


def _input(timer: Json) -> Json:
    return {"timer": timer["id"], "expectedCount": timer["count"]}
