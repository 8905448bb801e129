"""Finds the functions of C++ source by their braces: enough for our format, without a compiler."""

import re
from typing import Iterator, NamedTuple

import source


class Function(NamedTuple):
    line: int
    lines: int
    head: str  # what stands before the body, on one line


class _Brace(NamedTuple):
    kind: str  # "scope" (namespace, class), "function", "other"
    start: int  # offset of the head


_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_BEFORE_HEAD = re.compile(r"\s+|(?:public|private|protected)\s*:(?!:)")
_SCOPE = re.compile(
    r"(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union)\b[^()=]*$|extern\s*\""
)
_MEMBER_INITIALIZERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")


def _skip_to_head(code: str, start: int) -> int:
    while match := _BEFORE_HEAD.match(code, start):
        start = match.end()
    return start


def _head(code: str, start: int, end: int) -> str:
    return " ".join(code[_skip_to_head(code, start) : end].split())


def _kind(head: str) -> str:
    head = re.sub(r"alignas\([^)]*\)", "", head)
    if _SCOPE.match(head):
        return "scope"
    return "function" if "(" in head and not head.endswith("=") else "other"


def _is_member_initializer(head: str) -> bool:
    """True for the brace in `Type(int a) : a_{`, which does not begin the body yet."""
    return bool(_MEMBER_INITIALIZERS.search(head)) and bool(re.search(r"[\w>]$", head))


def functions(code: str) -> Iterator[Function]:
    """The functions of `code`, which has no comments or literals (source.code_only)."""
    code = _PREPROCESSOR.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code)
    stack: list[_Brace] = []
    start = parentheses = 0
    for offset, character in enumerate(code):
        at_scope = not parentheses and all(brace.kind == "scope" for brace in stack)
        if character in "()":
            parentheses += 1 if character == "(" else -1
        elif character == "{":
            head = _head(code, start, offset)
            if not at_scope or _is_member_initializer(head):
                stack.append(_Brace("other", start))
            else:
                stack.append(_Brace(_kind(head), start))
                start = offset + 1
        elif character == "}" and stack:
            brace = stack.pop()
            if brace.kind == "function":
                yield _function(code, brace.start, offset)
            back_in_scope = not parentheses and all(outer.kind == "scope" for outer in stack)
            # After the brace of a member initializer the head goes on, to a comma or to the body.
            if back_in_scope and (
                brace.kind != "other" or code[offset + 1 :].lstrip()[:1] not in (",", "{")
            ):
                start = offset + 1
        elif character == ";" and at_scope:
            start = offset + 1


def _function(code: str, start: int, end: int) -> Function:
    start = _skip_to_head(code, start)
    head = _head(code, start, code.index("{", start))
    first = source.line_of(code, start)
    return Function(first, source.line_of(code, end) - first + 1, head)
