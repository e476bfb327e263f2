"""`python -m devtools.site`: build the documentation as a site in build/docs/site (`make docs`).

Exit 1 if a link or an anchor is broken, or a page loads anything from another host.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.npm import install_packages
from devtools.site.links import find_external_loads, find_linked_files

CHECKOUT = Path(__file__).parents[2]
SOURCE = Path(__file__).parent
BUILD = CHECKOUT / "build" / "docs"
ROOT_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def stage_pages(pages: Path) -> list[str]:
    """Copy the pages, and the files of the checkout that they link to. Returns the links that lead nowhere.

    The copies keep their places, so a link works in the checkout and in the site.
    """
    shutil.copytree(CHECKOUT / "docs", pages / "docs")
    for name in ROOT_PAGES:
        shutil.copy(CHECKOUT / name, pages)
    broken_links = []
    for page in [CHECKOUT / name for name in ROOT_PAGES] + sorted((CHECKOUT / "docs").rglob("*.md")):
        for file in find_linked_files(page):
            if not file.is_file() or not file.is_relative_to(CHECKOUT):
                broken_links.append(f"{page.relative_to(CHECKOUT)}: no file {file}")
                continue
            copy = pages / file.relative_to(CHECKOUT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    return broken_links


def build_site() -> list[str]:
    """Build the site. Returns what is wrong with it; the generator has printed broken links and anchors itself."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    shutil.copy(SOURCE / "zensical.toml", BUILD)
    shutil.copytree(SOURCE / "overrides", BUILD / "overrides")
    faults = stage_pages(BUILD / "pages")
    mermaid = install_packages() / "@mermaid-js" / "tiny" / "dist"
    (BUILD / "pages" / "assets").mkdir()
    shutil.copy(mermaid / "mermaid.tiny.js", BUILD / "pages" / "assets" / "mermaid.js")
    generator = Path(sys.executable).with_name("zensical")
    build = subprocess.run(
        [generator, "build", "--strict"], cwd=BUILD, check=False, capture_output=True, text=True
    )
    if build.returncode:
        faults.append(build.stdout + build.stderr.partition("Traceback")[0])
    for file in sorted((BUILD / "site").rglob("*")):
        if file.suffix in (".html", ".css"):
            place = file.relative_to(BUILD / "site")
            faults += [f"{place} loads {address}" for address in find_external_loads(file)]
        if file.suffix == ".html" and "Content-Security-Policy" not in file.read_text("utf-8"):
            faults.append(f"{file.name} lets scripts load from other hosts")
    return faults


def main() -> None:
    """Build the site and print its place, or its faults."""
    if faults := build_site():
        sys.exit("\n".join(faults))
    print(f"built {(BUILD / 'site' / 'index.html').relative_to(CHECKOUT)}")


if __name__ == "__main__":
    main()
