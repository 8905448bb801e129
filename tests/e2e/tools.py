"""Programs that nobody here wrote, installed by their own package managers when they are not there yet.

Each gets a folder of its own: npm removes from a folder what it was not asked for.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(os.environ["PEERPAY_TOOLS"])
INSTALL_S = 300
DONE = "installed"  # names exactly what is there; written last, so a half-made folder is made anew


def npm_folder(name, *packages):
    """A folder whose node_modules hold the packages, each NAME@VERSION."""
    return _made(name, packages, lambda folder: [
        ["npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
         "--ignore-scripts", *packages]])


def npm_program(name, program, *packages):
    return npm_folder(name, *packages) / "node_modules" / ".bin" / program


def python_folder(name, *packages):
    """A virtual environment with the packages, each NAME==VERSION."""
    return _made(name, packages, lambda folder: [
        ["python3", "-m", "venv", folder],
        [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages]])


def python_program(name, program, *packages):
    return python_folder(name, *packages) / "bin" / program


def make_importable(name, *packages):
    """The packages can be imported by this process from now on; what Debian has of them wins."""
    site = next((python_folder(name, *packages) / "lib").glob("python3*/site-packages"))
    sys.path.append(str(site))


def _made(name, packages, commands):
    folder = TOOLS / name
    wanted = "\n".join(packages)
    if not (folder / DONE).exists() or (folder / DONE).read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for command in commands(folder):
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=INSTALL_S)
        (folder / DONE).write_text(wanted)
    return folder
