#!/usr/bin/env python3
"""Every header that the build read belongs to a package of deploy/packages.txt, or to one that those depend on.

usage: check_packages.py REPOSITORY_ROOT BUILD_FOLDER

What somebody once installed by hand is there on the machine where it was, and on no new one.
REQUIRES: Debian, and a finished Ninja build.
"""

import pathlib
import re
import shutil
import subprocess
import sys

PATHS_AT_ONCE = 500
SKIPPED = 77  # as CMakeLists.txt tells ctest
STATUS = "${Package}\t${Provides}\t${Pre-Depends}, ${Depends}\n"


def listed(text: str) -> set[str]:
    """The names in deploy/packages.txt."""
    return {name for line in text.splitlines() for name in line.partition("#")[0].split()}


def foreign_headers(deps: str, root: pathlib.Path) -> set[str]:
    """The files outside the repository in the output of `ninja -t deps`."""
    paths = {line.strip() for line in deps.splitlines() if line.startswith("    /")}
    return {path for path in paths if not pathlib.Path(path).is_relative_to(root)}


def needed(wanted: set[str], status: str) -> set[str]:
    """What installing `wanted` installs: `status` has for each package its name, what it provides and what it
    depends on, separated by tabs."""
    depends: dict[str, set[str]] = {}
    providers: dict[str, set[str]] = {}
    for line in status.splitlines():
        name, provides, requires = line.split("\t")
        depends[name] = set(re.split(r"[ ,|]+", _plain(requires)))
        for provided in [name, *_plain(provides).replace(",", " ").split()]:
            providers.setdefault(provided, set()).add(name)
    reached: set[str] = set()
    open_names = set(wanted)
    while open_names:
        for package in providers.get(open_names.pop(), set()) - reached:
            reached.add(package)
            open_names |= depends[package]
    return reached


def _plain(relations: str) -> str:
    """Relations between packages without versions, architectures and qualifiers."""
    return re.sub(r"\([^)]*\)|\[[^]]*\]|:[a-z0-9]+", " ", relations)


def owners(paths: list[str]) -> dict[str, str]:
    """The package of each file that has one."""
    found: dict[str, str] = {}
    for start in range(0, len(paths), PATHS_AT_ONCE):
        some = paths[start : start + PATHS_AT_ONCE]
        done = subprocess.run(["dpkg-query", "-S", *some], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            package, _, path = line.partition(": ")
            found[path] = package.partition(",")[0].partition(":")[0]
    return found


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> int:
    if not shutil.which("dpkg-query"):
        print("this is no Debian: nothing knows its packages")
        return SKIPPED
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    installed = needed(listed((root / "deploy/packages.txt").read_text()), _output("dpkg-query", "-W", "-f", STATUS))
    paths = sorted(foreign_headers(_output("ninja", "-C", str(build), "-t", "deps"), root))
    package_of = owners(paths)
    missing: dict[str, str] = {}  # package to one of its headers
    for path in paths:
        package = package_of.get(path, "no package")
        if package not in installed:
            missing.setdefault(package, path)
    for package, path in sorted(missing.items()):
        print(f"deploy/packages.txt: {path} was compiled, of {package}, which nothing there installs")
    if not paths:
        print(f"{build} has compiled nothing")
    return 1 if missing or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
