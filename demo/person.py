"""Somebody who signed in and uses an app; what they ask and what they are told goes into the transcript."""

from __future__ import annotations

from typing import Any

from demo.cast import Somebody
from demo.client import Client, Json, Unexpected
from demo.request import line
from demo.transcript import Transcript


class Person:
    """One signed-in person at one app: `web`, or `mobile` with its smaller documents."""

    def __init__(self, who: Somebody, client: Client, say: Transcript, token: str, app: str) -> None:
        self.who, self.client, self.say, self.token, self.app = who, client, say, token, app

    @classmethod
    async def enters(cls, who: Somebody, client: Client, say: Transcript, app: str = "web") -> Person:
        """Sign in."""
        say.speaks(who)
        return cls(who, client, say, await client.sign_in(who.email), app)

    async def asks(self, operation: str, **variables: Any) -> Json:
        """A question and its answer, which is the story's to tell."""
        self.say.speaks(self.who)
        self.say.request(line(f"{self.app}/{operation}", variables))
        answer: Json = await self._send(operation, variables)
        return answer

    async def looks(self, operation: str, **variables: Any) -> Json:
        """A question asked again and again, which the transcript does not tell."""
        answer: Json = await self._send(operation, variables)
        return answer

    async def does(self, operation: str, plan: Json | None = None, **given: Any) -> Json:
        """A command on a plan, as it was last read: the plan after it. Unexpected where it is refused."""
        answer = await self._command(operation, plan, given)
        if "problems" in answer:
            raise Unexpected(f"{operation} was refused: {answer['problems']}")
        self.say.plan(answer, replayed=answer["replayed"])
        return answer

    async def is_refused(self, operation: str, plan: Json | None, *codes: str, **given: Any) -> Json:
        """A command that is refused for just these reasons; a refusal changes nothing, so it is asked twice,
        in Indonesian and in English.
        """
        answer = await self._command(operation, plan, given)
        english = await self._send(operation, _on(plan) | given, "en")
        found = [problem["code"] for problem in answer.get("problems", ())]
        if found != list(codes) or found != [problem["code"] for problem in english["problems"]]:
            raise Unexpected(f"{operation} should be refused for {list(codes)}, and was for {found}")
        self.say.refusal(answer["problems"], english["problems"])
        return answer

    async def acts(self, operation: str, **given: Any) -> Json:
        """A command on what holds for all: what it answers. Unexpected where it is refused."""
        answer = await self._command(operation, None, given)
        if "problems" in answer:
            raise Unexpected(f"{operation} was refused: {answer['problems']}")
        return answer

    async def asks_in_both(self, operation: str, **variables: Any) -> tuple[Json, Json]:
        """The same question in Indonesian and in English."""
        return await self.asks(operation, **variables), await self._send(operation, variables, "en")

    async def is_told(self, *codes: str) -> None:
        """The banners that the first page shows now, and as whom each is told."""
        ours, theirs = await self.asks_in_both("Viewer")
        found = [banner["code"] for banner in ours["banners"]]
        if found != list(codes):
            raise Unexpected(f"the banners should be {list(codes)}, and are {found}")
        for banner, english in zip(ours["banners"], theirs["banners"], strict=True):
            self.say.answer(f"told as {banner['role']} of {banner['npsn']}:")
            self.say.message(banner["message"], english["message"])

    async def _command(self, operation: str, plan: Json | None, given: Json) -> Json:
        return await self.asks(operation, **_on(plan), **given)

    async def _send(self, operation: str, variables: Json, language: str = "id") -> Any:
        return await self.client.send(f"{self.app}/{operation}", self.token, variables, language)


def _on(plan: Json | None) -> Json:
    return {"planId": plan["id"], "expectedVersion": plan["version"]} if plan else {}
