"""The ways in which identity can fail, each as hard to notice as can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.credentials import authorization
from tests.identity_samples import ptk
from tests.integration.planning.front import DRIP, LATE, SHUT, SILENT, Door, How, answer
from tests.integration.planning.house import House
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PLT_OF_TK, PNS, SD, SMP, TK

PATHS = (
    "/.well-known/jwks.json",
    *(f"/v1/teachers/{ptk(who)}" for who in (PNS, COLLEAGUE, HEAD_OF_SD, PLT_OF_TK)),
    *(f"/v1/schools/{npsn}" for npsn in (SD, SMP, TK)),
)


async def way_of_failing(way: str, house: House, elsewhere: Door) -> How:
    """What the door is set to, so that identity fails in this way."""
    right = {path: await told_by_identity(house, path) for path in PATHS}
    elsewhere.set(lambda path: answer(right[path]))
    return _ways(right, elsewhere.url)[way]


async def told_by_identity(house: House, path: str) -> bytes:
    """What identity really answers to planning."""
    service = await authorization(house.identity)
    async with house.identity.get(path, headers=service) as response:
        assert response.status == 200
        return await response.read()


def _ways(right: Mapping[str, bytes], elsewhere: str) -> dict[str, How]:
    def changed(change: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
        return lambda path: answer(change(right[path]))

    def of_another(path: str) -> bytes:
        key, other = path.rsplit("/", 1)[1], str(ptk(77)) if "teachers" in path else "99999999"
        return answer(right[path].replace(f'"{key}"'.encode(), f'"{other}"'.encode()))

    return {
        "hangs up": SHUT,
        "never answers": SILENT,
        "answers too late": LATE,
        "drips for ever": DRIP,
        "has a fault": lambda path: answer(right[path], 500),
        "is being mended": answer(b"<html>maintenance</html>", 503),
        "does not know us": answer(b"{}", 401),
        "is another server": answer(b"<html>not found</html>", 404),
        "sends elsewhere": lambda path: answer(b"", 307, location=elsewhere + path),
        "sends no JSON": answer(b"<html>login</html>"),
        "sends nothing": answer(b""),
        "sends half": changed(lambda body: body[: len(body) // 2]),
        "sends less than promised": lambda path: answer(right[path], length=len(right[path]) + 4_000),
        "sends an empty object": answer(b"{}"),
        "sends a list": answer(b"[]"),
        "sends null": answer(b"null"),
        "sends another than asked for": of_another,
        "sends a text that no one can keep": changed(
            lambda body: body.replace(b'"value":"', b'"value":"\\u0000')
        ),
        "sends too much": changed(lambda body: b" " * (2 << 20) + body),
        "nests without end": answer(b"[" * 200_000),
        "sends no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    }


WAYS = tuple(_ways({}, ""))
