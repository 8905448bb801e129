"""A small repository in a temporary folder, for the tests of the checks."""

import pathlib
import tempfile
import unittest
from typing import Callable

from source import Finding


class LintTest(unittest.TestCase):
    """Writes files, runs the check of the subclass over them, and compares the rules that fired."""

    check: Callable[[pathlib.Path], list[Finding]]

    def findings(self, files: dict[str, str]) -> list[Finding]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            return sorted(type(self).check(root))

    def rules(self, files: dict[str, str]) -> list[str]:
        return [finding.rule for finding in self.findings(files)]
