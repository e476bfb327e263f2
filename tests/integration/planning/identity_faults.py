"""The faults of identity, each as hard to detect as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.credentials import authorization
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment
from tests.integration.planning.faulty_proxy import (
    DRIP,
    HANG_UP,
    LATE,
    SILENT,
    FaultyProxy,
    Mode,
    http_response,
)
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PLT_OF_TK, PNS, SD, SMP, TK

PATHS = (
    "/.well-known/jwks.json",
    *(f"/v1/teachers/{ptk(user)}" for user in (PNS, COLLEAGUE, HEAD_OF_SD, PLT_OF_TK)),
    *(f"/v1/schools/{npsn}" for npsn in (SD, SMP, TK)),
)


async def fault_mode(fault: str, environment: Environment, elsewhere: FaultyProxy) -> Mode:
    """Return the proxy modes by the name of the fault."""
    right = {path: await load_identity_answer(environment, path) for path in PATHS}
    elsewhere.set_mode(lambda path: http_response(right[path]))
    return _fault_modes(right, elsewhere.url)[fault]


async def load_identity_answer(environment: Environment, path: str) -> bytes:
    """Fetch the real answers of identity."""
    service = await authorization(environment.identity)
    async with environment.identity.get(path, headers=service) as response:
        assert response.status == 200
        return await response.read()


def _fault_modes(right: Mapping[str, bytes], elsewhere: str) -> dict[str, Mode]:
    def with_change(change: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
        return lambda path: http_response(change(right[path]))

    def of_another(path: str) -> bytes:
        key, other_key = path.rsplit("/", 1)[1], str(ptk(77)) if "teachers" in path else "99999999"
        return http_response(right[path].replace(f'"{key}"'.encode(), f'"{other_key}"'.encode()))

    return {
        "hangs up": HANG_UP,
        "never answers": SILENT,
        "answers too late": LATE,
        "drips for ever": DRIP,
        "has a fault": lambda path: http_response(right[path], 500),
        "is being mended": http_response(b"<html>maintenance</html>", 503),
        "does not know us": http_response(b"{}", 401),
        "is another server": http_response(b"<html>not found</html>", 404),
        "sends elsewhere": lambda path: http_response(b"", 307, location=elsewhere + path),
        "sends no JSON": http_response(b"<html>login</html>"),
        "sends nothing": http_response(b""),
        "sends half": with_change(lambda body: body[: len(body) // 2]),
        "sends less than promised": lambda path: http_response(right[path], length=len(right[path]) + 4_000),
        "sends an empty object": http_response(b"{}"),
        "sends a list": http_response(b"[]"),
        "sends null": http_response(b"null"),
        "sends another than asked for": of_another,
        "sends a text that no one can keep": with_change(
            lambda body: body.replace(b'"value":"', b'"value":"\\u0000')
        ),
        "sends too much": with_change(lambda body: b" " * (2 << 20) + body),
        "nests without end": http_response(b"[" * 200_000),
        "sends no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    }


FAULTS = tuple(_fault_modes({}, ""))
