"""What the checks share: files of the repository, C++ without comments and strings, findings."""

import functools
import pathlib
import re
import sys
from typing import Callable, Iterator, NamedTuple

SKIPPED_FOLDERS = {".git", ".cache", "build", "node_modules", "__pycache__"}
CPP_SUFFIXES = {".h", ".cpp"}

# What must run the same way again: on another machine, in the simulator, in a re-execution.
PURE_FOLDERS = (
    "base",
    "crypto",
    "ledger",
    "consensus",
    "wallet",
    "node/core",
    "node/evidence",
    "proto",
    "api/core",
    "tests/sim",
)
# Inside those, the folders that do I/O, and the simulator's own shell with its arguments and report.
_IMPURE_FOLDERS = ("base/os", "base/database", "base/program", "proto/channel", "wallet/cli")
_IMPURE_FILES = ("tests/sim/main.cpp",)

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<raw>     (?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]*)\(.*?\)(?P=delimiter)" )
    | (?P<string>  "(?:\\.|[^"\\\n])*" )
    | (?P<include> ^[ \t]*\#[ \t]*include[ \t]*["<][^">\n]*[">] )
    | (?P<number>  \.?\d(?:[eEpP][+-]|'\w|[\w.])* )
    | (?P<word>    [A-Za-z_]\w* )
    | (?P<char>    '(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]*)[">]', re.MULTILINE)


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


class Include(NamedTuple):
    line: int
    target: str
    quoted: bool


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def code_only(text: str) -> str:
    """The text with comments and the content of literals blanked; lines keep number and width."""

    def replace(match: re.Match[str]) -> str:
        token = match.group(0)
        if match.lastgroup == "comment":
            return _blank(token)
        if match.lastgroup in ("string", "char"):
            return token[0] + _blank(token[1:-1]) + token[-1]
        if match.group("raw") is not None:
            return '"' + _blank(token[1:-1]) + '"'
        return token

    return _TOKEN.sub(replace, text)


class SourceFile:
    """One text file, named by its path from the root of the repository."""

    def __init__(self, root: pathlib.Path, path: str):
        self.path = path
        self.text = (root / path).read_bytes().decode("utf-8", errors="replace")
        self.lines = self.text.split("\n")

    @functools.cached_property
    def code(self) -> str:
        return code_only(self.text)

    @functools.cached_property
    def includes(self) -> list[Include]:
        return [
            Include(line_of(self.code, match.start(1)), match.group(2), match.group(1) == '"')
            for match in _INCLUDE.finditer(self.code)
        ]

    @property
    def included(self) -> list[str]:
        return [include.target for include in self.includes]

    @property
    def is_header(self) -> bool:
        return self.path.endswith(".h")


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def is_under(path: str, *folders: str) -> bool:
    return any(path.startswith(folder + "/") for folder in folders)


def is_pure(path: str) -> bool:
    if path in _IMPURE_FILES or is_under(path, *_IMPURE_FOLDERS):
        return False
    return is_under(path, *PURE_FOLDERS)


def all_paths(root: pathlib.Path) -> Iterator[str]:
    """Every file below the root, except what .gitignore names and version control itself."""
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in SKIPPED_FOLDERS:
                yield from (f"{entry.name}/{path}" for path in all_paths(entry))
        elif entry.is_file() and entry.name != ".git":
            yield entry.name


def cpp_files(root: pathlib.Path) -> list[SourceFile]:
    return [
        SourceFile(root, path)
        for path in all_paths(root)
        if pathlib.PurePath(path).suffix in CPP_SUFFIXES
    ]


def main(description: str, check: Callable[[pathlib.Path], list[Finding]]) -> int:
    """Runs one check over the repository that the command line names; fails on any finding."""
    if len(sys.argv) != 2:
        print(f"{description}\nusage: {sys.argv[0]} REPOSITORY_ROOT", file=sys.stderr)
        return 2
    findings = sorted(check(pathlib.Path(sys.argv[1])))
    for finding in findings:
        print(finding)
    return 1 if findings else 0
