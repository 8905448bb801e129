"""Tests of source.py and functions.py: what counts as code, and where functions begin and end."""

import unittest

from functions import functions
from source import code_only


class CodeOnly(unittest.TestCase):
    def test_blanks_comments_and_keeps_lines(self):
        self.assertEqual(code_only("a // rand\nb /* x\ny */ c\n"), "a        \nb     \n     c\n")

    def test_blanks_the_content_of_strings_and_characters(self):
        self.assertEqual(code_only(r'f("rand \" //", 2);'), 'f("          ", 2);')
        self.assertEqual(code_only("c = '\"'; d = '//';"), "c = ' '; d = '  ';")

    def test_blanks_raw_strings_whatever_they_hold(self):
        self.assertNotIn("rand", code_only('x = R"(rand "quoted" )"; y;'))
        self.assertNotIn("rand", code_only('x = u8R"end(rand )" rand)end"; y;'))
        self.assertIn("y;", code_only('x = R"(rand "quoted" )"; y;'))

    def test_digit_separators_are_no_characters(self):
        self.assertEqual(code_only("1'000'000 + x; // 'y'"), "1'000'000 + x;       ")

    def test_keeps_the_names_of_includes(self):
        self.assertEqual(code_only('#include "a/b.h"  // why'), '#include "a/b.h"        ')


class Functions(unittest.TestCase):
    def lengths(self, code: str) -> dict[str, int]:
        return {function.head: function.lines for function in functions(code_only(code))}

    def test_counts_from_the_signature_to_the_closing_brace(self):
        code = "namespace a {\n\nint f(int x,\n      int y) {\n  return x;\n}\n\n}\n"
        self.assertEqual(self.lengths(code), {"int f(int x, int y)": 4})

    def test_finds_members_and_tests(self):
        code = (
            "class A {\n public:\n  int f() const { return 1; }\n};\n"
            "TEST(A, B) {\n  if (x) {\n  }\n}\n"
        )
        self.assertEqual(self.lengths(code), {"int f() const": 1, "TEST(A, B)": 4})

    def test_takes_a_constructor_with_initializers_as_one(self):
        code = "A::A(int x)\n: x_{x},\n f_{[x](int y) { return y; }},\n z_{B{2}} {\n  g();\n}\n"
        self.assertEqual(list(self.lengths(code).values()), [6])

    def test_counts_a_lambda_as_part_of_its_function(self):
        code = "void f() {\n  const auto g = [] {\n    return 1;\n  };\n}\n"
        self.assertEqual(self.lengths(code), {"void f()": 5})

    def test_tables_and_enums_are_no_functions(self):
        code = "enum class E { kA };\nint table[] = {\n  1,\n};\nstruct S { int x = f(1); };\n"
        self.assertEqual(self.lengths(code), {})

    def test_templates_and_macros(self):
        code = "#define BAD(x) \\\n  void x() {\ntemplate <class T>\nT f(T x) {\n  return x;\n}\n"
        self.assertEqual(self.lengths(code), {"template <class T> T f(T x)": 4})


if __name__ == "__main__":
    unittest.main()
