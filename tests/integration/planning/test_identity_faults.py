"""Every failure of identity in one day: what a teacher and a principal see. Run with -s to read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from services.kit.database import Database
from services.kit.problems import Messages, Problem
from services.planning.settings import MESSAGE_FILES
from tests.conftest import Fresh
from tests.integration.planning.environment import Client, connect_database, import_reference_data
from tests.integration.planning.faulty_proxy import FORWARD, HANG_UP, LATE, http_response
from tests.integration.planning.outage import (
    MORNING,
    STILL_FRESH,
    TOO_OLD,
    OutageClients,
    open_proxied_services,
    prepare_plans,
    shorten_timeouts,
    try_action,
    wait_until_recovered,
)
from workflows.model.messages import format_value

TEXTS = Messages.load(*MESSAGE_FILES, format_value=format_value)
RUBBISH = http_response(b"<html>Sedang dalam perbaikan</html>")


@dataclass
class Transcript:
    """A transcript that is printed line by line."""

    lines: list[str] = field(default_factory=list)

    def scene(self, title: str) -> None:
        self._add(f"\n== {title}")

    async def see(self, name: str, person: Client, action: str) -> str:
        """Try an action in Indonesian, and in English too if it changes nothing."""
        code, sentence = await try_action(person, action)
        self._add(f"{name:9} {action:22} -> {code}" + (f"\n          id: {sentence}" if sentence else ""))
        if sentence:
            again, english = await try_action(person, action, "en")
            assert again == code
            self._add(f"          en: {english}")
        return code

    def _add(self, line: str) -> None:
        self.lines.append(line)
        print(line)  # noqa: T201 - the transcript is what this test shows

    def contains(self, code: str, **params: object) -> bool:
        """Tell whether the transcript has the message of a code in both languages."""
        both = (TEXTS.text(Problem(code, params), "id"), TEXTS.text(Problem(code, params), "en"))
        return all(any(text in line for line in self.lines) for text in both)


async def test_planning_survives_each_failure_of_identity(
    registry: Database, fresh_url: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcript, seen_of = Transcript(), {}
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as database,
        open_proxied_services(registry, database) as place,
    ):
        async with place.serve_at(MORNING) as environment:
            transcript.scene("08.00 WIB: identity answers")
            await _look(transcript, await prepare_plans(environment))
        shorten_timeouts(monkeypatch)
        async with place.serve_at(STILL_FRESH) as environment:
            transcript.scene("08.30: identity is stopped; planning is started anew")
            people = await OutageClients.sign_in(environment)
            place.proxy.set_mode(HANG_UP)
            seen_of["stopped"] = await _look(transcript, people)
        async with place.serve_at(TOO_OLD) as environment:
            people = await OutageClients.sign_in(environment)
            for title, fault in (
                ("is too slow", LATE),
                ("answers rubbish", RUBBISH),
                ("is stopped", HANG_UP),
            ):
                transcript.scene(f"10.00: identity {title}; what is known is from 08.00")
                place.proxy.set_mode(fault)
                before = await environment.dump_tables()
                seen_of[title] = await _look(transcript, people) + await _decide(transcript, people)
                assert await environment.dump_tables() == before
            assert await transcript.see("teacher", people.teacher, "saves") == "done"
            transcript.scene("10.30: identity answers again")
            place.proxy.set_mode(FORWARD)
            await wait_until_recovered(people.teacher)
            assert (
                await _look(transcript, people) + await _decide(transcript, people)
                == ["now", "done"] * 2 + ["done"] * 3
            )
    assert seen_of.pop("stopped") == ["kept", "done"] * 2
    assert set(map(tuple, seen_of.values())) == {(*("kept", "done") * 2, *["facts.stale"] * 3)}
    assert transcript.contains("facts.stale", minutes=60)
    text = "\n".join(transcript.lines)
    assert "data per 20 Februari 2024 pukul 08.00 WIB" in text
    assert "as of 20 February 2024 at 08:00 WIB" in text


async def _look(transcript: Transcript, people: OutageClients) -> list[str]:
    return [
        await transcript.see("teacher", people.teacher, "viewer"),
        await transcript.see("teacher", people.teacher, "reads own plan"),
        await transcript.see("principal", people.head, "viewer"),
        await transcript.see("principal", people.head, "reads colleague's plan"),
    ]


async def _decide(transcript: Transcript, people: OutageClients) -> list[str]:
    return [
        await transcript.see("teacher", people.teacher, "submits"),
        await transcript.see("principal", people.head, "approves"),
        await transcript.see("Plt", people.plt, "confirms as Plt"),
    ]
