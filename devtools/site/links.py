"""Links of Markdown pages and what built pages load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CSS_LOAD = re.compile(r"""(?i)(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")
# the attributes by which a page loads something; a link that a reader follows (`a href`) loads nothing
_LOADING = {
    ("link", "href"), ("script", "src"), ("img", "src"), ("img", "srcset"), ("iframe", "src"), ("source", "src"),
    ("source", "srcset"), ("video", "src"), ("audio", "src"), ("embed", "src"), ("object", "data"), ("use", "href"),
}  # fmt: skip


def find_linked_files(page: Path) -> Iterator[Path]:
    """Yield the files that a Markdown page links to. External links and anchors of the page are left out."""
    for target in _MARKDOWN_LINK.findall(page.read_text("utf-8")):
        path = target.partition("#")[0]
        if path and not re.match(r"[a-z]+:", path):
            yield (page.parent / path).resolve()


class _LoadParser(HTMLParser):
    """Collects the addresses on other hosts that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes that load something, and at inline styles."""
        for name, value in attrs:
            if (tag, name) in _LOADING and re.search(r"(?i)(^|[\s,])(https?:)?//", value or ""):
                self.addresses.append(value or "")
            if name == "style":
                self.addresses += _CSS_LOAD.findall(value or "")


def find_external_loads(file: Path) -> list[str]:
    """Return the addresses on other hosts that an HTML page or a style sheet loads."""
    text = file.read_text("utf-8")
    if file.suffix == ".css":
        return _CSS_LOAD.findall(text)
    parser = _LoadParser()
    parser.feed(text)
    return parser.addresses + _CSS_LOAD.findall(text)
