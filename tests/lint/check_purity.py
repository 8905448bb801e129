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
ORDERED_FOLDERS = ("ledger", "consensus", "node/core", "node/evidence", "tests/sim")
# What ships. The simulator hands one message to many receivers, and draws numbers to switch on.
PRODUCT_FOLDERS = tuple(folder for folder in source.PURE_FOLDERS if folder != "tests/sim")


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
            r"\b__(?:DATE|TIME|TIMESTAMP)__\b",
            r"\b_*(?:builtin_ia32_)?rdtscp?\b",
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
        (
            r"\bstd::(?:ranges::)?(?:(?:random_)?shuffle|sample)\b",
            _std("[a-z_]+_distribution"),
        ),
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
                "execution",
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
                "execution",
            ),
            _calls(r"pthread_\w+"),
            r"\bthread_local\b",
        ),
        "one thread owns pure code; return an effect and let the shell do it",
    ),
    Rule(
        "file",
        (
            _headers("fstream", "filesystem"),
            _std("filesystem", "[io]?fstream"),
            _calls("f(?:re)?open", "tmpfile", "f(?:data)?sync"),
            _qualified_calls("open", "read", "write", "rename", "remove", "unlink"),
        ),
        "take the bytes as an argument; base/os reads and writes files for the shell",
    ),
    Rule(
        "socket",
        (
            _headers(
                r"sys/(?:socket|epoll)\.h", r"net(?:db|inet)[\w/]*\.h", r"arpa/\w+\.h", r"poll\.h"
            ),
            _calls("getaddrinfo", r"epoll_\w+"),
            _qualified_calls(
                "socket",
                "connect",
                "bind",
                "listen",
                "accept4?",
                "send(?:to|msg)?",
                "recv(?:from|msg)?",
            ),
        ),
        "return the message as an effect; node/net and api move bytes",
    ),
    Rule(
        "stream",
        (
            _headers("iostream", "ostream", "istream", "sstream"),
            _std("cout", "cerr", "clog", "cin", "[io]?stringstream", "[io]stream"),
            _calls("v?f?printf", "f?puts", "putchar", "perror", "fwrite"),
        ),
        "return a value; build text with std::string",
    ),
    Rule(
        "environment",
        (_calls("(?:secure_)?getenv", "setenv"), _qualified_calls("system"), r"\benviron\b"),
        "a field of the module's config",
    ),
    Rule(
        "process",
        (
            _headers("csignal"),
            _calls("_[Ee]xit", "quick_exit", "at_?exit", "v?fork", "execv?[lpe]*", "abort"),
            _qualified_calls("exit", "signal", "raise", "terminate"),
        ),
        "PEERPAY_CHECK for our own bugs, a result for all else",
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
                "v?sn?printf",
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
            r"\bstd::(?:multi)?(?:map|set)\s*<\s*std::(?:shared|unique|weak)_ptr\b",
            r"\bstd::less\s*<[^<>]*\*\s*>",
            _std("owner_less"),
            r"\bu?intptr_t\b",
        ),
        "an id as the key: addresses differ from run to run",
    ),
    Rule(
        "mutable-static",
        (
            # Of a function, a class or a file; functions have a parenthesis before any of these.
            r"(?<!constexpr )\bstatic[ \t]+(?!const(?:expr)?\b)"
            r"[\w:<>,*& \t]+?\b\w+\s*[=;{\[]",
            r"\bstatic[ \t]+const\b[^;(){=]*\*[ \t]*\w+\s*[=;{]",
        ),
        "a member of whoever owns it; a constant is const or constexpr",
    ),
    Rule(
        "global",
        (
            # Declarations of a namespace begin their line.
            r"^(?!(?:inline[ \t]+)?const(?!init)|__extension__|using\b|namespace\b|static\b|extern\b"
            r"|typedef\b|template\b|return\b"
            r"|(?:enum|class|struct|union)\b[^={]*[;{])(?:inline[ \t]+)?[A-Za-z_][\w:<>,*& \t]*[ \t*&][\w:]+"
            r"(?:\[\w*\])?[ \t]*(?:=[^=;]*|\{[^;}]*\})?;",
        ),
        "a member of whoever owns it; a constant is const or constexpr",
    ),
    Rule(
        "shared-ownership",
        (
            _std("(?:shared|weak)_ptr", "(?:make|allocate)_shared", "enable_shared_from_this"),
        ),
        "a value or a unique_ptr, and references named in constructors",
        PRODUCT_FOLDERS,
    ),
    Rule(
        "exception",
        (r"\bthrow\b", r"\btry\s*\{", r"\bcatch\s*\("),
        "base::Expected or a result code",
    ),
    Rule(
        "switch-default",
        (r"\bdefault\s*:",),
        "every enumerator by name, and PEERPAY_UNREACHABLE after the switch",
        PRODUCT_FOLDERS,
    ),
)

# Each exception states its reason; one that no longer applies is a finding itself.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("base/check.cpp", "process"): "how a CHECK ends the process",
    ("base/check.cpp", "stream"): "its last words",
    ("base/settings/settings.cpp", "exception"): "toml++ throws; it ends here",
    ("tests/sim/cluster.cpp", "clock"): "the canary whose runs of one seed must differ",
    ("tests/sim/cluster.cpp", "process"): "the canary that must crash",
    ("tests/sim/trace.cpp", "locale"): "columns of whole numbers and names",
    ("tests/sim/trace.cpp", "stream"): "into the stream that the shell gives it",
}


def _applies(rule: Rule, path: str) -> bool:
    return source.is_pure(path) and source.is_under(path, *rule.folders)


def _check_file(file: SourceFile, used: set[tuple[str, str]]) -> list[Finding]:
    findings = []
    for rule in RULES:
        if not _applies(rule, file.path):
            continue
        for match in re.finditer("|".join(rule.patterns), file.code, re.MULTILINE):
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
