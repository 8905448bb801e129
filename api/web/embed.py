#!/usr/bin/env python3
"""Writes the static files of the gateway as C++: the other half of static_files.h. Same input, same output.

    embed.py --contract openapi.yaml --docs docs.html --asset checkout.css --asset checkout.js --output embedded.cpp
"""

import argparse
import base64
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import yaml

HASH_DIGITS = 16
BYTES_PER_LINE = 72
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "public, max-age=300"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".yaml": "application/yaml",
}


class Embedded(NamedTuple):
    path: str
    media_type: str
    body: bytes
    cache_control: str
    content_security_policy: str


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:HASH_DIGITS]


def policy(html: bytes) -> str:
    """The page's one style sheet stands in it, so its hash allows it (CSP 3, section 2.3.1)."""
    styles = re.findall(rb"<style>(.*?)</style>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'" for style in styles)
    return f"default-src 'none'; style-src {hashes}; img-src data:; base-uri 'none'; frame-ancestors 'none'"


def asset(file: Path) -> Embedded:
    body = file.read_bytes()
    path = f"/c/assets/{file.stem}.{digest(body)}{file.suffix}"
    return Embedded(path, MEDIA_TYPES[file.suffix], body, IMMUTABLE, "")


def document(path: str, file: Path) -> Embedded:
    body = file.read_bytes()
    is_html = file.suffix == ".html"
    return Embedded(path, MEDIA_TYPES[file.suffix], body, REVALIDATED, policy(body) if is_html else "")


def literal(body: bytes) -> str:
    """String literals of C++ that stand one below the other. Octal escapes have a length, so nothing runs on."""
    def written(byte: int) -> str:
        is_plain = 0x20 <= byte < 0x7F and byte not in b'"\\?'
        return chr(byte) if is_plain else f"\\{byte:03o}"

    lines = [body[i : i + BYTES_PER_LINE] for i in range(0, len(body), BYTES_PER_LINE)] or [b""]
    return "\n".join(f'    "{"".join(map(written, line))}"' for line in lines)


def quoted(text: str) -> str:
    return literal(text.encode()).strip()


def file_entry(file: Embedded) -> str:
    etag = f'"{digest(file.body)}"'
    return (
        f"  {{{quoted(file.path)}, {quoted(file.media_type)}, {{\n{literal(file.body)}, {len(file.body)}}},\n"
        f"   {quoted(etag)}, {quoted(file.cache_control)}, {literal(file.content_security_policy.encode())}}},\n"
    )


def problem_entry(kind: dict) -> str:
    return f"  {{{quoted(kind['code'])}, {kind['status']}, {quoted(kind['retry'])}, {quoted(kind['title'])}}},\n"


def source(files: list[Embedded], problems: list[dict]) -> str:
    return (
        "// Made by api/web/embed.py.\n"
        '#include "api/web/static_files.h"\n\n'
        "// The standard asks for literals of 65,536 bytes; gcc and clang know no limit.\n"
        '#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
        "namespace peerpay::api {\nnamespace {\n\n"
        f"constexpr StaticFile kFiles[] = {{\n{''.join(map(file_entry, files))}}};\n\n"
        f"constexpr DocumentedProblem kProblems[] = {{\n{''.join(map(problem_entry, problems))}}};\n\n"
        "}  // namespace\n\n"
        "std::span<const StaticFile> static_files() { return kFiles; }\n\n"
        "std::span<const DocumentedProblem> documented_problems() { return kProblems; }\n\n"
        "}  // namespace peerpay::api\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--asset", type=Path, action="append", default=[])
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    files = [document("/openapi.yaml", options.contract), document("/docs", options.docs)]
    files += [asset(file) for file in options.asset]
    problems = yaml.safe_load(options.contract.read_text())["x-problem-kinds"]
    options.output.write_text(source(files, problems))


if __name__ == "__main__":
    main()
