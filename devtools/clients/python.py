"""The Python client of each folder of documents, by ariadne-codegen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.npm import CHECKOUT

PACKAGE = CHECKOUT / "clients" / "python" / "rencana_client"
TOOLS = Path(sys.prefix) / "tools" / "bin"
REQUIREMENTS = CHECKOUT / "clients" / "tools.txt"


def install_tools() -> None:
    """Install tools whose requirements contradict ours into a virtual environment of their own."""
    stamp = TOOLS / "installed.txt"
    if stamp.exists() and stamp.read_bytes() == REQUIREMENTS.read_bytes():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", TOOLS.parent], check=True)
    pip = (TOOLS / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    subprocess.run((*pip, "--requirement", REQUIREMENTS), check=True)
    shutil.copy(REQUIREMENTS, stamp)


def generate_client(documents: Path, schema: Path, output: Path) -> int:
    """Generate the module of one folder. Returns the exit code of ariadne-codegen."""
    shutil.rmtree(PACKAGE / documents.name, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    configuration = output / f"{documents.name}.toml"
    configuration.write_text(
        "[tool.ariadne-codegen]\n"
        f'schema_path = "{schema}"\n'
        f'queries_path = "{documents}"\n'
        f'target_package_name = "{documents.name}"\n'
        f'target_package_path = "{PACKAGE}"\n'
        f'client_name = "{documents.name.capitalize()}Client"\n'
        'include_comments = "none"\n'
    )
    return subprocess.run([TOOLS / "ariadne-codegen", "--config", configuration], check=False).returncode
