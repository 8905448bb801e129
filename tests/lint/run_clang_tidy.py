#!/usr/bin/env python3
"""Runs clang-tidy over what the build compiles, and only over what changed since it was last clean.

usage: run_clang_tidy.py REPOSITORY_ROOT BUILD_FOLDER [PATH...]   (files or folders; default all)

A file is skipped when it, every header of ours that it reaches, its command line and .clang-tidy
are as they were when it passed. REQUIRES: a finished Ninja build, which knows each file's headers.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
from typing import NamedTuple

CLANG_TIDY = "clang-tidy-14"
# Precompiled headers of g++ mean nothing to clang, and every file must stand without them anyway.
DROPPED_OPTIONS = {"-Winvalid-pch", "-fpch-preprocess"}


class Unit(NamedTuple):
    source: pathlib.Path
    command: dict[str, str]  # entry of the compilation database
    key: str  # changes when clang-tidy could say something else


def plain_command(command: str) -> str:
    """The compiler's command line without the launcher before it and precompiled headers in it."""
    words = shlex.split(command)
    while words and not re.search(r"(?:c\+\+|g\+\+|clang\+\+)[-\d.]*$", words[0]):
        del words[0]
    kept: list[str] = []
    for word in words:
        if word.endswith("cmake_pch.hxx") and kept[-1] == "-include":
            kept.pop()
        elif word not in DROPPED_OPTIONS:
            kept.append(word)
    return shlex.join(kept)


def parse_dependencies(
    text: str, root: pathlib.Path, build: pathlib.Path
) -> dict[str, list[pathlib.Path]]:
    """Object file to the files of the repository it was made from, out of `ninja -t deps`."""
    dependencies: dict[str, list[pathlib.Path]] = {}
    current: list[pathlib.Path] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            current = dependencies.setdefault(line.partition(":")[0], [])
        elif line.strip():
            path = pathlib.Path(os.path.realpath(build / line.strip()))
            if path.is_relative_to(root) and path.suffix != ".gch":
                current.append(path)
    return dependencies


def _key(command: str, config: bytes, files: list[pathlib.Path]) -> str:
    digest = hashlib.sha256(command.encode() + b"\0" + config)
    for path in sorted(set(files)):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def units(root: pathlib.Path, build: pathlib.Path) -> list[Unit]:
    deps = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout
    dependencies = parse_dependencies(deps, root, build)
    config = (root / ".clang-tidy").read_bytes()
    found: dict[pathlib.Path, Unit] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(os.path.realpath(entry["file"]))
        if not source.is_relative_to(root) or source.is_relative_to(build):
            continue
        words = shlex.split(entry["command"])
        files = dependencies.get(words[words.index("-o") + 1], []) + [source]
        command = plain_command(entry["command"])
        unit = Unit(source, {**entry, "command": command}, _key(command, config, files))
        found.setdefault(source, unit)  # some sources are part of several targets
    return list(found.values())


def _run(unit: Unit, database: pathlib.Path) -> tuple[Unit, bool, str]:
    finished = subprocess.run(
        [CLANG_TIDY, "--quiet", "-p", database, unit.source], capture_output=True, text=True
    )
    return unit, finished.returncode == 0, finished.stdout + _without_counts(finished.stderr)


def _without_counts(text: str) -> str:
    return "".join(
        line + "\n" for line in text.splitlines() if not re.match(r"\d+ warnings? generated", line)
    )


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    root, build = (pathlib.Path(os.path.realpath(argument)) for argument in sys.argv[1:3])
    wanted = [pathlib.Path(os.path.realpath(argument)) for argument in sys.argv[3:]] or [root]
    passed = build / "clang_tidy"
    passed.mkdir(exist_ok=True)
    every = units(root, build)
    (passed / "compile_commands.json").write_text(json.dumps([unit.command for unit in every]))
    changed = [
        unit
        for unit in every
        if any(unit.source.is_relative_to(path) for path in wanted)
        and not (passed / unit.key).exists()
    ]
    failures = 0
    jobs = int(os.environ.get("PEERPAY_JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda unit: _run(unit, passed), changed)
        for number, (unit, clean, output) in enumerate(results, 1):
            print(f"[{number}/{len(changed)}] {unit.source.relative_to(root)}", flush=True)
            if clean:
                (passed / unit.key).touch()
            else:
                failures += 1
                print(output, flush=True)
    print(f"clang-tidy: {failures} of {len(changed)} changed files with findings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
