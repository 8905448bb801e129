#!/usr/bin/env python3
"""Rules of docs/STYLE.md that reading can check: sizes, leftovers, dead files, private traces."""

import ast
import pathlib
import re
import sys
from typing import Iterator

import source
from functions import functions
from source import Finding, SourceFile

COLUMNS_MAX = 100
SCRIPT_COLUMNS_MAX = 120  # scripts and build files
FUNCTION_LINES_MAX = 70
HEADER_LINES_MAX = 250
SOURCE_LINES_MAX = 800

CODE_SUFFIXES = {".h", ".cpp", ".py", ".sh", ".cmake", ".proto", ".toml"}
CODE_NAMES = {"dev", "run", "CMakeLists.txt"}
BINARY_SUFFIXES = {".png", ".ico", ".woff2", ".gz", ".zst", ".bin"}

# Patterns are written so that they do not match themselves.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIXM[E]|XX[X]|HAC[K])\b")
MACHINE_TRACE = re.compile(
    r"(?<![\w.}/-])/(?:work|farm|root|home|tmp/wt)/\w"
    r"|\b(?:deb\.debian\.org|registry\.npmjs|pypi\.org|crates\.io|proxy\.golang)"
)
DEBUG_PRINT = re.compile(r"(?<![\w.>:])(?:std::|::)?(?:f|v|vf)?(?:printf|puts|putchar|perror)\s*\(")
RELATIVE_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
HIDDEN_TEST = re.compile(r"\bDISABLED_|\bGTEST_SKIP\b")
SLEEPING_TEST = re.compile(r"\bsleep_(?:for|until)\b|(?<![\w.>:])(?:::)?(?:u|nano)?sleep\s*\(")

# g++ 12 destroys a temporary that is made in braces inside a co_await twice, and makes nonsense of a
# loop with nothing but a co_await in its condition.
AWAITED_TEMPORARY = re.compile(
    r"\bco_await\b[^;{}]*[(,]\s*\{"
    r"|\bwhile\s*\(\s*!?\s*co_await\b[^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*(?:\{\s*\}|;)"
)

# Names that turn transport security off, and where that is right.
INSECURE = re.compile(r"\b(?:NoOpCertificateVerifier|Insecure(?:Server|Channel)Credentials)\b")
INSECURE_ALLOWED = {
    "bench/node_client.cpp": "measures nodes of this machine",
    "bench/submit_stream.cpp": "measures nodes of this machine",
    "node/net/status_query.cpp": "asks a listener without TLS, which loopback alone has",
    "proto/channel/channel.cpp": "without a certificate authority to loopback alone",
    "node/net/client_service.cpp": "the client port listens without TLS on loopback alone",
}
# A failed check prints its one line before it aborts.
PRINT_ALLOWED = {"base/check.cpp", "tests/sim/trace.cpp"}  # one line before abort; --trace
# Asks for a condition every millisecond, up to a deadline: what a wait for another thread comes to.
POLLING_ALLOWED = {"tests/support/eventually.h"}


def _suffix(path: str) -> str:
    return pathlib.PurePath(path).suffix


def _is_code(path: str) -> bool:
    return _suffix(path) in CODE_SUFFIXES or pathlib.PurePath(path).name in CODE_NAMES


def _matches(
    file: SourceFile, text: str, pattern: re.Pattern[str], rule: str, message: str
) -> Iterator[Finding]:
    for match in pattern.finditer(text):
        yield Finding(
            file.path, source.line_of(text, match.start()), rule, f"{match.group(0)}: {message}"
        )


def _check_lines(file: SourceFile) -> Iterator[Finding]:
    is_source = file.path.endswith((".h", ".cpp", ".proto"))
    limit = COLUMNS_MAX if is_source else SCRIPT_COLUMNS_MAX
    for number, line in enumerate(file.lines, 1):
        if len(line) > limit:
            yield Finding(
                file.path, number, "long-line", f"{len(line)} columns; the limit is {limit}"
            )
        if line != line.rstrip() or "\t" in line:
            yield Finding(
                file.path, number, "whitespace", "a tab, a carriage return or a space at the end"
            )
    if file.text and not file.text.endswith("\n"):
        yield Finding(file.path, len(file.lines), "whitespace", "the last line does not end")


def _check_size(file: SourceFile) -> Iterator[Finding]:
    limit = HEADER_LINES_MAX if file.is_header else SOURCE_LINES_MAX
    count = file.text.count("\n")
    if count > limit:
        yield Finding(
            file.path,
            count,
            "file-size",
            f"{count} lines; the limit is {limit}: split it by subject",
        )


def _check_functions(file: SourceFile) -> Iterator[Finding]:
    for function in functions(file.code):
        if function.lines > FUNCTION_LINES_MAX:
            message = (
                f"{function.lines} lines; the limit is {FUNCTION_LINES_MAX}: {function.head[:60]}"
            )
            yield Finding(file.path, function.line, "function-length", message)


def _check_python(file: SourceFile) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            count = (node.end_lineno or node.lineno) - node.lineno + 1
            if count > FUNCTION_LINES_MAX:
                message = f"{count} lines; the limit is {FUNCTION_LINES_MAX}: {node.name}"
                yield Finding(file.path, node.lineno, "function-length", message)


def _check_header(file: SourceFile) -> Iterator[Finding]:
    if file.lines[0] != "#pragma once":
        yield Finding(file.path, 1, "pragma-once", "the first line of a header is #pragma once")
    yield from _matches(
        file,
        file.code,
        re.compile(r"\busing\s+namespace\b"),
        "using-namespace",
        "a header must not open a namespace for everyone who includes it",
    )


def _check_cpp(file: SourceFile) -> Iterator[Finding]:
    yield from _check_size(file)
    yield from _check_functions(file)
    if file.is_header:
        yield from _check_header(file)
    yield from _matches(
        file,
        file.code,
        re.compile(r"#[ \t]*if[ \t]+0\b"),
        "dead-code",
        "delete what is not compiled",
    )
    yield from _matches(
        file,
        file.code,
        AWAITED_TEMPORARY,
        "awaited-temporary",
        "g++ 12 miscompiles it: give the value a name before the co_await",
    )
    in_tests = source.is_under(file.path, "tests")
    if not in_tests and file.path not in INSECURE_ALLOWED:
        yield from _matches(
            file,
            file.code,
            INSECURE,
            "insecure-transport",
            "turns transport security off; allowed files stand in tests/lint/check_tidy.py",
        )
    if source.is_pure(file.path) and file.path not in PRINT_ALLOWED:
        yield from _matches(
            file, file.code, DEBUG_PRINT, "debug-print", "a pure module returns what it has to say"
        )
    if in_tests:
        yield from _matches(
            file, file.code, HIDDEN_TEST, "hidden-test", "a test that does not run proves nothing"
        )
    if in_tests and file.path not in POLLING_ALLOWED:
        yield from _matches(
            file, file.code, SLEEPING_TEST, "sleeping-test", "wait for the event, not for a time"
        )


def _check_dead(root: pathlib.Path, files: list[SourceFile]) -> Iterator[Finding]:
    included = {target for file in files for target in file.included if target != file.path}
    cmake = "\n".join(
        (root / path).read_text()
        for path in source.all_paths(root)
        if path.endswith("CMakeLists.txt")
    )
    named = set(re.findall(r"[\w.-]+\.cpp", cmake)) | {"empty_main.cpp"}
    for file in files:
        if file.is_header and file.path not in included:
            yield Finding(file.path, 1, "dead-header", "no file includes it")
        if not file.is_header and pathlib.PurePath(file.path).name not in named:
            yield Finding(
                file.path, 1, "dead-source", "no CMakeLists.txt names it, so it is never compiled"
            )


def _check_links(root: pathlib.Path, file: SourceFile) -> Iterator[Finding]:
    folder = (root / file.path).parent
    for match in RELATIVE_LINK.finditer(file.text):
        if not (folder / match.group(1)).exists():
            line = source.line_of(file.text, match.start())
            yield Finding(file.path, line, "dead-link", f"{match.group(1)} does not exist")


def _check_text(file: SourceFile) -> Iterator[Finding]:
    yield from _matches(
        file, file.text, UNFINISHED, "unfinished", "finish it, or write it down as an issue"
    )
    yield from _matches(
        file, file.text, MACHINE_TRACE, "machine-trace", "names one machine or a registry's host"
    )
    if _is_code(file.path):
        yield from _check_lines(file)
    if _suffix(file.path) == ".py":
        yield from _check_python(file)


def check(root: pathlib.Path) -> list[Finding]:
    findings = []
    cpp = []
    for path in source.all_paths(root):
        if _suffix(path) in BINARY_SUFFIXES:
            continue
        file = SourceFile(root, path)
        findings += _check_text(file)
        if _suffix(path) == ".md":
            findings += _check_links(root, file)
        if _suffix(path) in source.CPP_SUFFIXES:
            cpp.append(file)
            findings += _check_cpp(file)
    return findings + list(_check_dead(root, cpp))


if __name__ == "__main__":
    sys.exit(source.main(__doc__, check))
