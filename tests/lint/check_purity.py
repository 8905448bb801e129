#!/usr/bin/env python3
"""Pure modules take time, randomness and bytes as arguments; this finds what would break that.

Comments and the content of strings are ignored. Each rule names what to use instead.
"""

import pathlib
import re
import sys
from typing import NamedTuple

import source
from source import Finding, SourceFile

# Where one order of iteration must be everybody's order.
ORDERED_FOLDERS = ("ledger", "consensus", "node/core", "tests/sim")


class Rule(NamedTuple):
    name: str
    patterns: tuple[str, ...]
    replacement: str
    folders: tuple[str, ...] = source.PURE_FOLDERS


def _std(*names: str) -> str:
    return rf"\bstd::(?:{'|'.join(names)})\b"


def _headers(*names: str) -> str:
    return rf"#[ \t]*include[ \t]*<(?:{'|'.join(names)})>"


def _calls(*names: str) -> str:
    """A call of a C function: not of a member, nor of a function in a namespace of ours."""
    return rf"(?<![\w.:>])(?:std::|::)?(?:{'|'.join(names)})\s*\("


def _qualified_calls(*names: str) -> str:
    """As above for names that functions of ours have too: only with std:: or :: before them."""
    return rf"(?<![\w>])(?:std::|::)(?:{'|'.join(names)})\s*\("


# Not a member, not in a namespace, and not the name of a declaration (which a type stands before).
_BARE = r"(?<![\w.:>])(?<![\w>&*] )"

RULES = (
    Rule(
        "clock",
        (
            r"\b(?:steady|system|high_resolution|utc|tai|gps|file)_clock\b",
            _headers("ctime"),
            _calls("clock_gettime", "gettimeofday", "localtime", "gmtime"),
            _qualified_calls("time", "clock"),
            _BARE + r"time\s*\(\s*(?:nullptr|NULL|0|&)",
            _BARE + r"clock\s*\(\s*\)",
        ),
        "take a base::Now or base::TimePoint argument",
    ),
    Rule(
        "randomness",
        (
            _headers("random"),
            _std("random_device", "mt19937(?:_64)?", "default_random_engine"),
            _calls("s?rand", "getrandom", "getentropy"),
            _qualified_calls("random"),
            _BARE + r"random\s*\(\s*\)",
        ),
        "take a base::Rng argument, or the random bytes themselves",
    ),
    Rule(
        "platform-dependent-draw",
        (r"\bstd::(?:ranges::)?(?:shuffle|sample)\b", _std("[a-z_]+_distribution")),
        "base::Rng, whose draws are the same with every library",
    ),
    Rule(
        "thread",
        (
            _headers(
                "thread",
                "(?:shared_)?mutex",
                "atomic",
                "future",
                "condition_variable",
                "semaphore",
                "latch",
                "barrier",
                "stop_token",
            ),
            _std(
                "j?thread",
                r"\w*mutex",
                r"atomic\w*",
                "async",
                "future",
                "promise",
                r"condition_variable\w*",
                "call_once",
                r"\w+_lock",
                "lock_guard",
            ),
            r"\bthread_local\b",
        ),
        "one thread owns pure code; return an effect and let the shell do it",
    ),
    Rule(
        "file",
        (
            _headers("fstream", "filesystem"),
            _std("filesystem", "[io]?fstream"),
            _calls("fopen"),
            _qualified_calls("open"),
        ),
        "take the bytes as an argument; base/os reads and writes files for the shell",
    ),
    Rule(
        "stream",
        (
            _headers("iostream", "ostream", "istream", "sstream"),
            _std("cout", "cerr", "clog", "cin", "[io]?stringstream", "[io]stream"),
        ),
        "return a value; build text with std::string",
    ),
    Rule(
        "environment",
        (_calls("(?:secure_)?getenv", "setenv"), _qualified_calls("system")),
        "a field of the module's config",
    ),
    Rule(
        "sleep",
        (_std("this_thread"), _calls("usleep", "nanosleep"), _qualified_calls("sleep")),
        "return an effect that arms a timer",
    ),
    Rule(
        "locale",
        (
            _headers("locale", "clocale", "cctype", "regex"),
            _std("locale", "regex"),
            _calls(
                "setlocale",
                "to(?:lower|upper)",
                "is(?:alpha|alnum|digit|xdigit|space|upper|lower|print|punct)",
            ),
        ),
        "compare characters with ranges, such as c >= 'a' && c <= 'z'",
    ),
    Rule(
        "lax-number-parsing",
        (
            _calls(
                "sto(?:i|l|ll|ul|ull|f|d|ld)",
                "ato(?:i|l|ll|f)",
                "strto(?:l|ll|ul|ull|f|d|ld)",
                "sscanf",
            ),
        ),
        "std::from_chars, which knows no locale and reports every error",
    ),
    Rule(
        "floating-point",
        (
            r"\b(?:float|double)(?:_t)?\b",
            r"(?<![\w.'])(?:\d[\d']*\.\d*|\.\d[\d']*|\d[\d']*[eE][+-]?\d+)",
            _headers("cmath", "cfloat"),
        ),
        "integers in the smallest unit; sums in 128 bits",
    ),
    Rule("standard-hash", (_std("hash"),), "crypto::tagged_hash, or an ordered container"),
    Rule(
        "unordered-container",
        (r"\bunordered_(?:multi)?(?:map|set)\b",),
        "std::map, std::set or a sorted std::vector",
        ORDERED_FOLDERS,
    ),
    Rule(
        "pointer-order",
        (
            r"\bstd::(?:multi)?(?:map|set)\s*<\s*(?:const\s+)?"
            r"[\w:]+(?:<[^<>]*>)?\s*(?:const\s*)?\*",
            r"\bstd::less\s*<[^<>]*\*\s*>",
            r"\bu?intptr_t\b",
        ),
        "an id as the key: addresses differ from run to run",
    ),
)

# Each exception states its reason; one that no longer applies is a finding itself.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def _applies(rule: Rule, path: str) -> bool:
    return source.is_pure(path) and source.is_under(path, *rule.folders)


def _check_file(file: SourceFile, used: set[tuple[str, str]]) -> list[Finding]:
    findings = []
    for rule in RULES:
        if not _applies(rule, file.path):
            continue
        for match in re.finditer("|".join(rule.patterns), file.code):
            if (file.path, rule.name) in EXCEPTIONS:
                used.add((file.path, rule.name))
                continue
            message = f"{match.group(0).strip()} in a pure module; instead: {rule.replacement}"
            findings.append(
                Finding(file.path, source.line_of(file.code, match.start()), rule.name, message)
            )
    return findings


def check(root: pathlib.Path) -> list[Finding]:
    used: set[tuple[str, str]] = set()
    findings = [finding for file in source.cpp_files(root) for finding in _check_file(file, used)]
    for path, rule in sorted(EXCEPTIONS.keys() - used):
        message = f"the exception of {rule} is not needed any more: remove it"
        findings.append(Finding(path, 1, "stale-exception", message))
    return findings


if __name__ == "__main__":
    sys.exit(source.main(__doc__, check))
