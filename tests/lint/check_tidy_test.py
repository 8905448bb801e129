"""Each rule of check_tidy.py fires on what it forbids, and is silent on the rest."""

import pathlib
import unittest

import check_tidy
from fixture import LintTest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CMAKE = {"a/CMakeLists.txt": "peerpay_add_module(a SOURCES x.cpp)\n"}
# A header and the file that keeps it alive.
HEADER_USER = {**CMAKE, "a/x.cpp": '#include "a/x.h"\n'}


class CheckTidy(LintTest):
    check = check_tidy.check

    def rules_of_cpp(self, text: str, path: str = "a/x.cpp") -> list[str]:
        name = path.rpartition("/")[2]
        return self.rules({"CMakeLists.txt": f"sources({name})\n", path: text})

    def rules_of_header(self, text: str) -> list[str]:
        return self.rules({**HEADER_USER, "a/x.h": text})

    def test_long_lines_in_code(self):
        self.assertEqual(self.rules_of_cpp("//" + "x" * 98 + "\n"), [])
        self.assertEqual(self.rules_of_cpp("//" + "x" * 99 + "\n"), ["long-line"])
        self.assertEqual(self.rules_of_cpp("//" + "é" * 98 + "\n"), [])
        self.assertEqual(self.rules({"dev": "#" + "x" * 119 + "\n"}), [])
        self.assertEqual(self.rules({"dev": "#" + "x" * 120 + "\n"}), ["long-line"])
        self.assertEqual(self.rules({"README.md": "x" * 200 + "\n"}), [])

    def test_whitespace(self):
        self.assertEqual(self.rules_of_cpp("int a; \n"), ["whitespace"])
        self.assertEqual(self.rules_of_cpp("\tint a;\n"), ["whitespace"])
        self.assertEqual(self.rules_of_cpp("int a;\r\n"), ["whitespace"])
        self.assertEqual(self.rules_of_cpp("int a;"), ["whitespace"])
        self.assertEqual(self.rules_of_cpp(""), [])

    def test_file_sizes(self):
        self.assertEqual(self.rules_of_header("#pragma once\n" + "\n" * 249), [])
        self.assertEqual(self.rules_of_header("#pragma once\n" + "\n" * 250), ["file-size"])
        self.assertEqual(self.rules_of_cpp("\n" * 800), [])
        self.assertEqual(self.rules_of_cpp("\n" * 801), ["file-size"])

    def test_function_lengths(self):
        self.assertEqual(self.rules_of_cpp("int f() {\n" + "  g();\n" * 68 + "}\n"), [])
        self.assertEqual(
            self.rules_of_cpp("int f() {\n" + "  g();\n" * 69 + "}\n"), ["function-length"]
        )
        self.assertEqual(self.rules({"x.py": "def f():\n" + "    g()\n" * 69}), [])
        self.assertEqual(self.rules({"x.py": "def f():\n" + "    g()\n" * 70}), ["function-length"])

    def test_unfinished_work(self):
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"):
            self.assertEqual(self.rules_of_cpp(f"// {word}: later\n"), ["unfinished"], word)
            self.assertEqual(self.rules({"README.md": f"{word}\n"}), ["unfinished"], word)
        self.assertEqual(self.rules_of_cpp('mkdtemp("XXXXXX"); // hackneyed todo list\n'), [])

    def test_traces_of_one_machine(self):
        for trace in (
            "/ro" + "ot/x",
            "/ho" + "me/me",
            "/wo" + "rk/shared",
            "deb.deb" + "ian.org",
            "py" + "pi.org",
        ):
            self.assertEqual(self.rules({"docs/x.md": f"see {trace}\n"}), ["machine-trace"], trace)
        self.assertEqual(
            self.rules({"docs/x.md": "in /var/lib/peerpay, node/core or ${HOME}/.peer\n"}), []
        )
        self.assertEqual(self.rules({"docs/x.md": "framework/work/home/x and api/root/x\n"}), [])

    def test_pragma_once_is_the_first_line(self):
        self.assertEqual(self.rules_of_header("#pragma once\n"), [])
        self.assertEqual(self.rules_of_header("// why\n#pragma once\n"), ["pragma-once"])
        self.assertEqual(self.rules_of_header(""), ["pragma-once"])

    def test_headers_open_no_namespace(self):
        self.assertEqual(
            self.rules_of_header("#pragma once\nusing namespace std;\n"), ["using-namespace"]
        )
        self.assertEqual(
            self.rules_of_header("#pragma once\n// using namespace std;\nusing std::max;\n"), []
        )
        self.assertEqual(self.rules_of_cpp("using namespace std::literals;\n"), [])

    def test_code_that_is_never_compiled(self):
        self.assertEqual(self.rules_of_cpp("#if 0\n#endif\n"), ["dead-code"])
        self.assertEqual(self.rules_of_cpp("#if 01\n#endif\n"), [])

    def test_no_temporary_is_made_inside_a_co_await(self):
        for code in (
            "co_await node.history({.cursor = a});\n",
            "auto x = co_await f(a,\n    {1, 2});\n",
            "while (co_await f()) {}\n",
            "while (!co_await f());\n",
        ):
            self.assertEqual(self.rules_of_cpp(code), ["awaited-temporary"], code)
        for code in (
            "co_await run([&] { return f({1}); });\n",
            "while (co_await f()) g();\n",
            "const Query query{1};\nco_await f(query);\n",
        ):
            self.assertEqual(self.rules_of_cpp(code), [], code)

    def test_transport_security_stays_on(self):
        for name in (
            "NoOpCertificateVerifier",
            "InsecureServerCredentials",
            "InsecureChannelCredentials",
        ):
            self.assertEqual(
                self.rules_of_cpp(f"grpc::{name}();\n", "node/net/x.cpp"),
                ["insecure-transport"],
                name,
            )
            self.assertEqual(
                self.rules_of_cpp(f"grpc::{name}();\n", "tests/unit/net/x.cpp"), [], name
            )
        for allowed in check_tidy.INSECURE_ALLOWED:
            self.assertTrue((REPOSITORY / allowed).exists(), allowed)
            self.assertEqual(self.rules_of_cpp("grpc::InsecureServerCredentials();\n", allowed), [])
        self.assertEqual(
            self.rules_of_cpp("// never InsecureServerCredentials\n", "node/net/x.cpp"), []
        )

    def test_pure_modules_print_nothing(self):
        for call in (
            "printf(x);",
            "std::fprintf(stderr, x);",
            "::puts(x);",
            "perror(x);",
            "std::putchar(c);",
        ):
            self.assertEqual(self.rules_of_cpp(call + "\n", "ledger/x.cpp"), ["debug-print"], call)
            self.assertEqual(self.rules_of_cpp(call + "\n", "base/os/x.cpp"), [], call)
        self.assertEqual(
            self.rules_of_cpp("snprintf(a, b); out.puts(x); // printf(x)\n", "ledger/x.cpp"), []
        )
        self.assertEqual(self.rules_of_cpp("std::fprintf(stderr, x);\n", "base/check.cpp"), [])

    def test_tests_run_and_do_not_sleep(self):
        self.assertEqual(
            self.rules_of_cpp("TEST(A, DISABLED_B) {}\n", "tests/unit/x.cpp"), ["hidden-test"]
        )
        self.assertEqual(self.rules_of_cpp("GTEST_SKIP();\n", "tests/unit/x.cpp"), ["hidden-test"])
        self.assertEqual(
            self.rules_of_cpp("std::this_thread::sleep_for(x);\n", "tests/unit/x.cpp"),
            ["sleeping-test"],
        )
        self.assertEqual(self.rules_of_cpp("usleep(5);\n", "tests/e2e/x.cpp"), ["sleeping-test"])
        self.assertEqual(self.rules_of_cpp("node.sleep(5);\n", "tests/unit/x.cpp"), [])

    def test_dead_headers(self):
        self.assertEqual(self.rules({"a/x.h": "#pragma once\n"}), ["dead-header"])
        self.assertEqual(self.rules({"a/x.h": '#pragma once\n#include "a/x.h"\n'}), ["dead-header"])
        self.assertEqual(self.rules_of_header("#pragma once\n"), [])

    def test_dead_sources(self):
        self.assertEqual(self.rules({"a/x.cpp": ""}), ["dead-source"])
        self.assertEqual(self.rules({**CMAKE, "a/x.cpp": ""}), [])
        self.assertEqual(self.rules({**CMAKE, "a/xx.cpp": ""}), ["dead-source"])

    def test_links_between_documents(self):
        text = "[a](b.md) [c](../x/d.md#part) [e](https://example.org/f.md) [g](#here)\n"
        there = {"docs/a.md": text, "docs/b.md": "", "x/d.md": ""}
        self.assertEqual(self.rules(there), [])
        self.assertEqual(self.rules({"docs/a.md": text}), ["dead-link", "dead-link"])

    def test_generated_and_foreign_files_are_not_read(self):
        for folder in ("build", ".git", "node_modules"):
            self.assertEqual(self.rules({f"{folder}/x.cpp": "\tTO" + "DO"}), [], folder)
        self.assertEqual(self.rules({"web/logo.png": "TO" + "DO"}), [])


if __name__ == "__main__":
    unittest.main()
