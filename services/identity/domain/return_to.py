"""Where a browser goes after signing in: a page of one of our own web clients, or its first page."""

from __future__ import annotations

import re
from collections.abc import Sequence

# visible ASCII without `\`, which browsers read as `/`; what begins with `//` would be a host in other hands
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}")


def page_to_return_to(asked: str, origins: Sequence[str]) -> str | None:
    """The whole address of the page: `asked` is a path at the first origin, or an address at one of them.

    None for everything else: another host, however it is written, is never a place to return to.
    """
    origin = next((one for one in origins if asked.startswith(f"{one}/")), origins[0])
    path = asked.removeprefix(origin)
    return origin + path if _PATH.fullmatch(path) else None
