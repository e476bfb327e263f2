"""A plan waits for days: the clock reminds the superior, and the dinas skips what is not needed."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.stories.meanwhile import worker_has
from demo.transcript import Transcript

FRIDAY = "2024-01-19T02:00:00Z"
GIST = (
    "Bima's plan has waited since Tuesday. Nobody has to think of it: three days later the workflow reminds his "
    "principal, and after seven it would tell the dinas."
)
REASON = "Kepala sekolah sedang bertugas di luar kota sampai hari Kamis."


async def play(stage: Stage, say: Transcript) -> None:
    """Timers of the shipped workflow; Bima's and Sekar's plans are those of the second and third story."""
    await stage.at(FRIDAY, "WIB", say)
    hartini = await stage.enter(cast.HARTINI, say)
    await worker_has(lambda: _told(hartini), "reminded the principal")
    ours, english = await hartini.asks_in_both("Notifications")
    page, same = ours["notifications"], english["notifications"]
    assert (page["unreadCount"], len(page["edges"])) == (2, 2)
    for edge, other in zip(page["edges"], same["edges"], strict=True):
        say.message(edge["node"]["sentence"], other["node"]["sentence"])
    read = await hartini.asks("MarkNotificationsRead", ids=[edge["node"]["id"] for edge in page["edges"]])
    assert read["unreadCount"] == 0
    plan = await _on_a_phone(stage, page["edges"][0]["node"]["id"], say)
    await _dinas(stage, plan, say)


async def _told(head: Person) -> bool:
    page = await head.client.send("web/Notifications", head.token, {})
    return bool(len(page["notifications"]["edges"]) == 2)


async def _on_a_phone(stage: Stage, others: str, say: Transcript) -> str:
    bima = await stage.enter(cast.BIMA, say, app="mobile")
    assert (await bima.asks("Notifications"))["notifications"]["edges"] == []
    say.tell("Nothing for Bima himself: it is not his turn. Nor can he mark what is another's.")
    await bima.is_refused("MarkNotificationsRead", None, "notification.unknown", ids=[others])
    plan = (await bima.asks("Viewer"))["plan"]
    at_home = await stage.enter(cast.BIMA, say)
    timers = (await at_home.asks("PlanTimers", id=plan["id"]))["timers"]
    for timer in timers:
        say.answer(f"{timer['label']}: {timer['due']}")
    assert [timer["due"] for timer in timers] == ["2024-01-22T01:00:00+00:00", "2024-01-23T01:00:00+00:00"]
    return str(plan["id"])


async def _dinas(stage: Stage, plan: str, say: Transcript) -> None:
    laras = await stage.enter(cast.LARAS, say, app="admin")
    timers = (await laras.asks("PlanTimers", id=plan))["timers"]
    (escalation,) = (timer for timer in timers if timer["label"] == "Eskalasi ke dinas")
    say.tell("Hartini is away until Thursday, as Laras knows. The escalation is not needed.")
    skipped = await laras.asks("SkipTimer", **_input(escalation), reason=REASON)
    assert (skipped["due"], skipped["count"]) == (None, 1)
    say.answer(f"on record: {skipped['acts'][0]['reason']}")
    say.tell("Nothing has failed, so there is nothing to try again:")
    assert (await laras.asks("Incidents"))["edges"] == []
    reminder = next(timer for timer in timers if timer["id"] != escalation["id"])
    await laras.is_refused("RetryTimer", None, "timer.no_incident", **_input(reminder), reason=REASON)


def _input(timer: Json) -> Json:
    return {"timer": timer["id"], "expectedCount": timer["count"]}
