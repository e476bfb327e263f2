"""A person who is signed in to an app. Requests and responses go to the transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.client import Client, Json, UnexpectedResponse
from demo.people import Person
from demo.request import shell_line
from demo.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in to an app: `web`, `admin`, or `mobile` with its smaller documents."""

    person: Person
    client: Client
    transcript: Transcript
    token: str
    app: str

    async def query(self, operation: str, **variables: Any) -> Json:
        """Send a document and return the value of its root field."""
        self.transcript.sign_in(self.person)
        self.transcript.request(shell_line(f"{self.app}/{operation}", variables))
        return await self.poll(operation, **variables)

    async def poll(self, operation: str, language: str = "id", **variables: Any) -> Json:
        """Send a document like `query`, without a line in the transcript."""
        value: Json = await self.client.send(f"{self.app}/{operation}", self.token, variables, language)
        return value

    async def query_in_both_languages(self, operation: str, **variables: Any) -> tuple[Json, Json]:
        """Send a document twice. Returns the Indonesian and the English answer."""
        return await self.query(operation, **variables), await self.poll(operation, "en", **variables)

    async def command(self, operation: str, **arguments: Any) -> Json:
        """Run a command and return the object after it. Raises UnexpectedResponse if it is refused."""
        answer = await self.query(operation, **arguments)
        if "problems" in answer:
            raise UnexpectedResponse(f"{operation} was refused: {answer['problems']}")
        return _join_payload(answer)

    async def plan_command(self, operation: str, plan: Json | None = None, **arguments: Any) -> Json:
        """Run a command on a plan and return the plan after it. Raises UnexpectedResponse if it is refused."""
        answer = await self.command(operation, **_plan_arguments(plan), **arguments)
        self.transcript.plan(answer, replayed=answer["replayed"])
        return answer

    async def expect_refusal(self, operation: str, plan: Json | None, *codes: str, **arguments: Any) -> Json:
        """Run a command in both languages and return the Indonesian refusal.

        Raises UnexpectedResponse unless it is refused with exactly these problem codes.
        """
        arguments = _plan_arguments(plan) | arguments
        answer, english = await self.query_in_both_languages(operation, **arguments)
        for problems in (answer.get("problems", ()), english.get("problems", ())):
            actual = [problem["code"] for problem in problems]
            if actual != list(codes):
                raise UnexpectedResponse(f"{operation} should be refused with {list(codes)}, not {actual}")
        self.transcript.refusal(answer["problems"], english["problems"])
        return answer

    async def expect_banners(self, *codes: str) -> None:
        """Read the banners of the start page. Raises UnexpectedResponse unless they have exactly these codes."""
        indonesian, english = await self.query_in_both_languages("Viewer")
        actual = [banner["code"] for banner in indonesian["banners"]]
        if actual != list(codes):
            raise UnexpectedResponse(f"the banners should be {list(codes)}, not {actual}")
        for banner, translation in zip(indonesian["banners"], english["banners"], strict=True):
            self.transcript.answer(
                f"banner for the {banner['role']} of {banner['satuanPendidikan']['nama']}:"
            )
            self.transcript.message(banner["message"], translation["message"])


def _join_payload(answer: Json) -> Json:
    """Return the object in a payload together with `replayed`; a payload without one object unchanged."""
    objects = [value for value in answer.values() if isinstance(value, dict)]
    return answer if len(objects) != 1 else {**answer, **objects[0]}


def _plan_arguments(plan: Json | None) -> Json:
    return {"planId": plan["id"], "expectedVersion": plan["version"]} if plan else {}
