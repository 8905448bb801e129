#!/usr/bin/env python3
"""Dependency rules that neither the compiler nor CMake sees (docs/ARCHITECTURE.md, "Layers")."""

import fnmatch
import functools
import pathlib
import re
import sys
from typing import Callable, Iterable, NamedTuple

import source
from source import Finding, Include, SourceFile


class Library(NamedTuple):
    name: str
    headers: str  # regular expression over what stands in the #include
    allowed: tuple[str, ...]  # files that may include it, as patterns
    comes_along: bool = False  # with the headers of those files, as a type that all may hold


# Third-party libraries, each wrapped by few folders. Tests may use any of them; the simulator is no
# test in this sense, because it must stay deterministic.
LIBRARIES = (
    Library("libsecp256k1", r"secp256k1", ("crypto/*.cpp",)),
    Library(
        "OpenSSL",
        r"openssl/",
        ("crypto/*.cpp", "node/net/*.cpp", "node/app/*.cpp", "api/client/*.cpp"),
    ),
    Library("RocksDB", r"rocksdb/", ("base/database/*.cpp",)),
    Library(
        "gRPC",
        r"grpc(pp)?/|.*\.grpc\.pb\.h",
        ("proto/*", "node/net/*", "wallet/cli/*", "bench/*.cpp", "api/*"),
    ),
    Library(
        "protobuf",
        r"google/protobuf/|.*\.pb\.h",
        ("proto/*", "node/net/*", "wallet/cli/*", "bench/*.cpp", "api/*"),
    ),
    Library(
        "Boost",
        r"boost/",
        (
            "api/*",
            "base/json/*.cpp",
            "node/app/*.cpp",
            "node/net/*.cpp",
            "proto/*.cpp",
            "wallet/cli/checkout_fetch.cpp",  # by way of api/client
        ),
    ),
    Library("jemalloc", r"jemalloc/", ("node/app/heap.cpp",)),
    Library(
        "Abseil",
        r"absl/container/",
        ("base/inline_vector.h", "base/ordered_map.h"),
        comes_along=True,
    ),
    Library("toml++", r"toml", ("base/settings/*.cpp",)),
    Library(
        "CLI11",
        r"CLI/",
        (
            "base/program/*.cpp",
            "node/app/*",
            "wallet/cli/*",
            "bench/*",
            "tests/sim/*.cpp",
            "api/*",
        ),
    ),
    Library(
        "spdlog",
        r"spdlog/",
        (
            "base/program/*.cpp",
            "node/app/*",
            "node/net/*",
            "node/storage/*",
            "wallet/cli/*",
            "bench/*",
            "api/*",
        ),
    ),
    Library(
        "fmt",
        r"fmt/",
        (
            "base/program/*.cpp",
            "node/app/*",
            "node/net/*",
            "node/storage/*",
            "wallet/cli/*",
            "bench/*",
            "api/*",
        ),
    ),
    Library("prometheus-cpp", r"prometheus/", ("node/app/*.cpp", "api/*.cpp")),
    Library("libqrencode", r"qrencode\.h", ("base/qr/*.cpp",)),
    Library("Google Benchmark", r"benchmark/", ("bench/*.cpp",)),
    Library("GoogleTest", r"g(test|mock)/", ()),
)

# Folders that may make system calls: every header of the C library and the kernel counts as one.
OS_FOLDERS = (
    "base/os",
    "node/app",
    "node/net",
    "node/storage",
    "wallet/cli",
    "bench",
    "api",
    "tests",
)
# Modules that must stay pure, whatever their CMake line says.
PURE_MODULES = (
    "base",
    "crypto",
    "ledger",
    "consensus",
    "wallet",
    "wallet_verify",
    "node_core",
    "node_evidence",
    "api_core",
)

_ADD_SUBDIRECTORY = re.compile(r"^\s*add_subdirectory\(\s*([\w/]+)", re.MULTILINE)
_ADD_MODULE = re.compile(r"peerpay_add_module\(\s*(\w+)([^)]*)\)")


class Module(NamedTuple):
    name: str
    folder: str
    deps: tuple[str, ...]


def _without_comments(cmake: str) -> str:
    return re.sub(r"#[^\n]*", "", cmake)


def _modules(root: pathlib.Path) -> dict[str, Module]:
    """The modules by name, as every CMakeLists.txt declares them."""
    modules = {}
    for path in source.all_paths(root):
        if not path.endswith("CMakeLists.txt"):
            continue
        for name, arguments in _ADD_MODULE.findall(_without_comments((root / path).read_text())):
            deps = tuple(re.findall(r"peerpay::(\w+)", arguments))
            modules[name] = Module(name, path.rpartition("/")[0], deps)
    return modules


def _closure(start: str, neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    seen, pending = {start}, [start]
    while pending:
        for neighbour in neighbours(pending.pop()):
            if neighbour not in seen:
                seen.add(neighbour)
                pending.append(neighbour)
    return seen


def _library_of(target: str) -> Library | None:
    return next((library for library in LIBRARIES if re.match(library.headers, target)), None)


class Repository:
    """Who may include whom, and which third-party headers each header brings along."""

    def __init__(self, root: pathlib.Path):
        self.files = {file.path: file for file in source.cpp_files(root)}
        self.modules = _modules(root)
        self.module_of_folder = {module.folder: module for module in self.modules.values()}
        top = root / "CMakeLists.txt"
        self.layers = (
            _ADD_SUBDIRECTORY.findall(_without_comments(top.read_text())) if top.exists() else []
        )

    def module_of(self, path: str) -> Module | None:
        """The module of the nearest folder above; none for a program, which has no module."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self.module_of_folder and folder not in self.layers:
            folder = folder.rpartition("/")[0]
        return self.module_of_folder.get(folder)

    def offers(self, module: Module, header: str) -> bool:
        """Whether the module reaches one of those in the header's folder, which may be several."""
        there = self.module_of(header)
        if there is None:
            return True
        reachable = self.reachable_modules(module.name)
        return any(
            other.name in reachable
            for other in self.modules.values()
            if other.folder == there.folder
        )

    def layer_of(self, path: str) -> int | None:
        matching = [layer for layer in self.layers if source.is_under(path, layer)]
        return self.layers.index(max(matching, key=len)) if matching else None

    @functools.cache
    def reachable_modules(self, name: str) -> frozenset[str]:
        """The module itself and everything that its DEPS bring, directly or through others."""
        return frozenset(
            _closure(
                name, lambda module: self.modules[module].deps if module in self.modules else ()
            )
        )

    @functools.cache
    def third_party_of(self, header: str) -> frozenset[str]:
        """Names of the libraries that including this header of ours brings along."""
        reached = _closure(
            header, lambda path: self.files[path].included if path in self.files else ()
        )
        return frozenset(library.name for target in reached if (library := _library_of(target)))


def _may_use(path: str, library: Library) -> bool:
    if source.is_under(path, "tests") and not source.is_under(path, "tests/sim"):
        return True  # tests of a wrapper may look behind it
    return any(fnmatch.fnmatch(path, pattern) for pattern in library.allowed)


def _check_own(repository: Repository, file: SourceFile, include: Include) -> str | None:
    """Why a header of ours may not be included here."""
    target = include.target
    if target not in repository.files:
        return f'"{target}" is no header of this repository: name it by its path from the root'
    here, there = repository.layer_of(file.path), repository.layer_of(target)
    mine, theirs = repository.module_of(file.path), repository.module_of(target)
    if mine and theirs and not repository.offers(mine, target):
        return f'"{target}" belongs to {theirs.name}, which {mine.name} does not name in its DEPS'
    if here is not None and there is not None and there > here:
        return f'"{target}" is in a higher layer (CMakeLists.txt lists the layers bottom-up)'
    for name in repository.third_party_of(target) if theirs != mine else ():
        library = next(library for library in LIBRARIES if library.name == name)
        if not library.comes_along and not _may_use(file.path, library):
            return f'"{target}" brings {name} along: hide it behind a header without it'
    return None


def _check_system(file: SourceFile, include: Include) -> str | None:
    """Why a header of the C library or the kernel may not be included here."""
    if "." not in include.target and "/" not in include.target:
        return None  # a header of the C++ standard library
    if not include.target.endswith(".h"):
        return (
            f"<{include.target}> is of no library in tests/lint/check_deps.py: list it or drop it"
        )
    if source.is_under(file.path, *OS_FOLDERS) and not source.is_pure(file.path):
        return None
    return f"<{include.target}> is of the operating system: use base/os from an I/O module"


def _check_include(repository: Repository, file: SourceFile, include: Include) -> Finding | None:
    if ".." in include.target.split("/"):
        message = f'"{include.target}" climbs out of its folder: include from the root'
        return Finding(file.path, include.line, "relative-include", message)
    library = _library_of(include.target)
    if library is not None:
        if _may_use(file.path, library):
            return None
        allowed = ", ".join(library.allowed) or "tests"
        message = f"{library.name} is wrapped by {allowed}: use those"
        return Finding(file.path, include.line, "third-party", message)
    if include.quoted:
        message, rule = _check_own(repository, file, include), "layers"
    else:
        message, rule = _check_system(file, include), "system-header"
    return Finding(file.path, include.line, rule, message) if message else None


def _check_modules(repository: Repository) -> list[Finding]:
    """The declared graph itself: DEPS that point upward, in a circle, or to the system."""
    findings = []
    for module in repository.modules.values():
        where = f"{module.folder}/CMakeLists.txt"
        if module.name in PURE_MODULES and "os" in module.deps:
            message = f"{module.name} is pure: what needs the system is an argument"
            findings.append(Finding(where, 1, "pure-module", message))
        for name in module.deps:
            dep = repository.modules.get(name)
            if dep is None or repository.layer_of(where) is None:
                continue
            if name == module.name or module.name in repository.reachable_modules(name):
                findings.append(
                    Finding(where, 1, "layers", f"{module.name} and {name} depend on each other")
                )
            elif (repository.layer_of(dep.folder + "/") or 0) > (repository.layer_of(where) or 0):
                findings.append(
                    Finding(where, 1, "layers", f"{name} is in a higher layer than {module.name}")
                )
    return findings


def check(root: pathlib.Path) -> list[Finding]:
    repository = Repository(root)
    findings = _check_modules(repository)
    for file in repository.files.values():
        for include in file.includes:
            finding = _check_include(repository, file, include)
            if finding:
                findings.append(finding)
    return findings


if __name__ == "__main__":
    sys.exit(source.main(__doc__, check))
