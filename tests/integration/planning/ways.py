"""The ways in which identity can fail, each as hard to notice as can be."""

from __future__ import annotations

from services.kit.settings import DEV_SERVICE_TOKEN
from tests.identity_samples import ptk
from tests.integration.planning.front import DRIP, LATE, SHUT, SILENT, Door, answer
from tests.integration.planning.house import House
from tests.small_registry import PNS, SMP


async def told_by_identity(house: House, path: str) -> bytes:
    """What identity really answers to planning."""
    async with house.identity.get(path, headers={"authorization": f"Bearer {DEV_SERVICE_TOKEN}"}) as response:
        assert response.status == 200
        return await response.read()


async def way_of_failing(way: str, house: House, elsewhere: Door) -> str | bytes:
    """What the door is set to, so that identity fails in this way: as hard to notice as can be."""
    teacher = await told_by_identity(house, f"/v1/teachers/{ptk(PNS)}")
    school = await told_by_identity(house, f"/v1/schools/{SMP}")
    elsewhere.set(answer(teacher))
    if way == "sends elsewhere":
        return answer(b"", 307, location=f"{elsewhere.url}/")
    return _ways(teacher, school)[way]


def _ways(teacher: bytes, school: bytes) -> dict[str, str | bytes]:
    return {
        "hangs up": SHUT,
        "never answers": SILENT,
        "answers too late": LATE,
        "drips for ever": DRIP,
        "has a fault": answer(b"{}", 500),
        "is being mended": answer(b"<html>maintenance</html>", 503),
        "does not know us": answer(b"{}", 401),
        "is another server": answer(b"<html>not found</html>", 404),
        "sends elsewhere": b"",
        "sends no JSON": answer(b"<html>login</html>"),
        "sends nothing": answer(b""),
        "sends half": answer(teacher[: len(teacher) // 2]),
        "sends less than promised": answer(teacher, length=len(teacher) + 4_000),
        "sends an empty object": answer(b"{}"),
        "sends a list": answer(b"[]"),
        "sends null": answer(b"null"),
        "sends another person": answer(teacher.replace(str(ptk(PNS)).encode(), str(ptk(77)).encode())),
        "sends another school": answer(school),
        "sends a text that no one can keep": answer(
            teacher.replace(b'"nama":{"value":"', b'"nama":{"value":"\\u0000')
        ),
        "sends too much": answer(b" " * (2 << 20) + teacher),
        "nests without end": answer(b"[" * 200_000),
        "sends no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    }


WAYS = tuple(_ways(b"", b""))
