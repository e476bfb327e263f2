"""The build of the site finds what a page loads from another host, and which files a page links to."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.site.links import find_external_loads, find_linked_files


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://unpkg.com/mermaid.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<img src="http://tracker.example/pixel.png">',
        '<img srcset="small.png 1x, https://cdn.example/large.png 2x">',
        '<iframe src="HTTPS://video.example"></iframe>',
        '<p style="background: url(https://cdn.example/image.png)">',
        "<style>@import 'https://fonts.example/css';</style>",
    ],
)
def test_resource_of_another_host_is_found(html: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html)
    assert find_external_loads(page)


def test_style_sheet_that_loads_a_font_from_another_host_is_found(tmp_path: Path) -> None:
    style = tmp_path / "style.css"
    style.write_text("@font-face { src: url('https://fonts.example/a.woff2') }")
    assert find_external_loads(style) == ["https://fonts.example/a.woff2"]


def test_link_to_another_host_is_allowed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<a href="https://example.org">x</a><script src="../assets/bundle.js"></script>')
    assert find_external_loads(page) == []


def test_linked_files_are_those_of_the_checkout(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](other.md#part) [b](https://example.org) [c](#part) [d](../file.yaml)")
    assert list(find_linked_files(page)) == [tmp_path / "other.md", tmp_path.parent / "file.yaml"]
