"""`python -m devtools.release 0.2.0`: prepare a release in the checkout, and print what remains to be done.

It writes the version into the packages, dates the section of the changelog, writes the derived files, and keeps the SDL
as that of the last release. Exit 1, with nothing changed, if the schema breaks a client of the last release.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from graphql import build_schema

from devtools.evolution import list_refused_changes

CHECKOUT = Path(__file__).parents[1]
CONTRACT, RELEASED = Path("graphql/planning.graphql"), Path("graphql/released.graphql")
PACKAGES = ("pyproject.toml", "clients/python/pyproject.toml", "clients/typescript/package.json")
VERSION = re.compile(r'^( *"?version"?(?: =|:) ")([^"]+)"', re.MULTILINE)
UNRELEASED = "## [Unreleased]\n"
NEXT_STEPS = """prepared {version}. Read `git diff`, then:
    make test test-clients lint
    git add --all && git commit --message 'release: prepare {version}'
    git tag --annotate v{version} --message 'Release {version}'
"""


def find_faults(checkout: Path, version: str, today: date) -> list[str]:
    """Return why the release cannot be made."""
    changelog = (checkout / "CHANGELOG.md").read_text("utf-8")
    releases = re.findall(r"^## \[(\d+)\.(\d+)\.(\d+)\]", changelog, re.MULTILINE)
    faults = []
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        return [f"{version} is not a version such as 0.2.0"]
    if any(tuple(map(int, version.split("."))) <= tuple(map(int, release)) for release in releases):
        faults.append(f"{version} is not higher than {'.'.join(releases[0])} of CHANGELOG.md")
    if not re.search(rf"^{re.escape(UNRELEASED)}\s+(?!## )\S", changelog, re.MULTILINE):
        faults.append("CHANGELOG.md has nothing under [Unreleased]")
    if (checkout / RELEASED).exists():
        last_schema, new_schema = (
            build_schema((checkout / file).read_text("utf-8")) for file in (RELEASED, CONTRACT)
        )
        faults += [
            f"breaks clients: {change}" for change in list_refused_changes(last_schema, new_schema, today)
        ]
    return faults


def write_version(checkout: Path, version: str, today: date) -> None:
    """Write the version into the packages, and give the section of the changelog version and date."""
    for name in PACKAGES:
        file = checkout / name
        text = file.read_text("utf-8")
        new_text, count = VERSION.subn(rf'\g<1>{version}"', text, count=1)
        assert count, f"{name} has no version"
        if new_text != text:  # a newer pyproject.toml lets make install all packages again
            file.write_text(new_text, "utf-8")
    changelog = checkout / "CHANGELOG.md"
    heading = f"{UNRELEASED}\n## [{version}] - {today.isoformat()}\n"
    changelog.write_text(changelog.read_text("utf-8").replace(UNRELEASED, heading, 1), "utf-8")


def keep_contract(checkout: Path) -> None:
    """Keep the SDL as that of the last release."""
    (checkout / RELEASED).write_bytes((checkout / CONTRACT).read_bytes())


def main() -> None:
    """Prepare the release that the command line names."""
    (version,) = sys.argv[1:] or sys.exit("which version? python -m devtools.release 0.2.0")
    today = datetime.now(UTC).date()
    if faults := find_faults(CHECKOUT, version, today):
        sys.exit("\n".join(faults))
    write_version(CHECKOUT, version, today)
    subprocess.run(["make", "schema"], cwd=CHECKOUT, check=True)  # the SDL names the release
    keep_contract(CHECKOUT)
    print(NEXT_STEPS.format(version=version))


if __name__ == "__main__":
    main()
