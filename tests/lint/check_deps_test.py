"""Each rule of check_deps.py fires on what it forbids, and is silent on the rest."""

import unittest

import check_deps
from fixture import LintTest

# A product of four layers: pure base and crypto, the system module, and a program.
TREE = {
    "CMakeLists.txt": (
        "add_subdirectory(base)\nadd_subdirectory(base/os)\nadd_subdirectory(crypto)\n"
        "add_subdirectory(node/net)\nadd_subdirectory(wallet)\nadd_subdirectory(wallet/cli)\n"
        "# add_subdirectory(gone)\nadd_subdirectory(tests)\n"
    ),
    "base/CMakeLists.txt": "peerpay_add_module(base SOURCES a.cpp)\n",
    "base/bytes.h": "#include <vector>\n",
    "base/os/CMakeLists.txt": "peerpay_add_module(os SOURCES b.cpp DEPS peerpay::base)\n",
    "base/os/file.h": "#include <sys/types.h>\n",
    "crypto/CMakeLists.txt": (
        "peerpay_add_module(crypto SOURCES c.cpp DEPS peerpay::base\n"
        "                   PRIVATE_LIBS secp256k1)\n"
    ),
    "crypto/hash.h": '#include "base/bytes.h"\n',
    "crypto/hash.cpp": '#include <openssl/sha.h>\n#include "crypto/hash.h"\n',
    "node/net/CMakeLists.txt": (
        "peerpay_add_module(node_net SOURCES d.cpp DEPS peerpay::crypto peerpay::os)\n"
    ),
    "node/net/stream.h": "#include <grpcpp/channel.h>\n",
    "node/net/server.h": "#include <cstdint>\n",
    "wallet/CMakeLists.txt": "peerpay_add_module(wallet SOURCES e.cpp DEPS peerpay::crypto)\n",
    "wallet/keys.h": "",
    "wallet/cli/CMakeLists.txt": "add_executable(peerpay main.cpp)\n",
    "tests/unit/crypto/vectors.h": "",
}


class CheckDeps(LintTest):
    check = check_deps.check

    def rules_with(self, path: str, text: str) -> list[str]:
        return self.rules({**TREE, path: text})

    def test_is_silent_on_a_clean_tree(self):
        self.assertEqual(self.rules(TREE), [])

    def test_a_folder_may_hold_two_modules(self):
        tree = {
            **TREE,
            "crypto/CMakeLists.txt": (
                "peerpay_add_module(crypto SOURCES c.cpp DEPS peerpay::base)\n"
                "peerpay_add_module(crypto_more SOURCES f.cpp DEPS peerpay::crypto)\n"
            ),
            "wallet/x.cpp": '#include "crypto/hash.h"\n',
        }
        self.assertEqual(self.rules(tree), [])
        tree["wallet/CMakeLists.txt"] = "peerpay_add_module(wallet SOURCES e.cpp x.cpp)\n"
        self.assertEqual(self.rules(tree), ["layers"])

    def test_relative_includes(self):
        self.assertEqual(
            self.rules_with("crypto/x.cpp", '#include "../base/bytes.h"\n'), ["relative-include"]
        )
        self.assertEqual(
            self.rules_with("crypto/x.cpp", '#include "crypto/../base/bytes.h"\n'),
            ["relative-include"],
        )

    def test_includes_name_their_path_from_the_root(self):
        self.assertEqual(self.rules_with("crypto/x.cpp", '#include "hash.h"\n'), ["layers"])
        self.assertEqual(
            self.rules_with("crypto/x.cpp", '#include "crypto/missing.h"\n'), ["layers"]
        )
        self.assertEqual(self.rules_with("crypto/x.cpp", '#include "crypto/hash.h"\n'), [])

    def test_a_comment_includes_nothing(self):
        self.assertEqual(
            self.rules_with("crypto/x.cpp", '// #include "../a.h"\n/*\n#include "../b.h"\n*/\n'), []
        )

    def test_a_module_includes_only_what_its_deps_reach(self):
        self.assertEqual(self.rules_with("node/net/x.cpp", '#include "base/bytes.h"\n'), [])
        self.assertEqual(self.rules_with("wallet/x.cpp", '#include "base/os/file.h"\n'), ["layers"])
        self.assertEqual(
            self.rules_with("wallet/x.cpp", '#include "node/net/server.h"\n'), ["layers"]
        )

    def test_no_include_points_upward(self):
        self.assertEqual(self.rules_with("base/x.cpp", '#include "crypto/hash.h"\n'), ["layers"])
        self.assertEqual(
            self.rules_with("node/net/x.cpp", '#include "wallet/keys.h"\n'), ["layers"]
        )

    def test_a_program_may_include_every_lower_layer_but_no_test(self):
        self.assertEqual(self.rules_with("wallet/cli/main.cpp", '#include "base/os/file.h"\n'), [])
        self.assertEqual(
            self.rules_with("wallet/cli/main.cpp", '#include "tests/unit/crypto/vectors.h"\n'),
            ["layers"],
        )
        self.assertEqual(
            self.rules_with("tests/unit/crypto/x.cpp", '#include "crypto/hash.h"\n'), []
        )

    def test_third_party_headers_stay_with_their_wrappers(self):
        allowed = [
            ("crypto/x.cpp", "secp256k1.h"),
            ("crypto/x.cpp", "secp256k1_schnorrsig.h"),
            ("node/net/x.cpp", "openssl/x509.h"),
            ("base/settings/x.cpp", "toml++/toml.h"),
            ("base/database/x.cpp", "rocksdb/db.h"),
            ("wallet/cli/x.cpp", "CLI/CLI.hpp"),
            ("base/json/x.cpp", "boost/json.hpp"),
            ("base/qr/x.cpp", "qrencode.h"),
            ("base/program/x.cpp", "CLI/CLI.hpp"),
            ("base/program/x.cpp", "spdlog/spdlog.h"),
            ("base/program/x.cpp", "fmt/format.h"),
            ("proto/client/x.h", "peerpay/v1/node.pb.h"),
            ("bench/x.cpp", "benchmark/benchmark.h"),
            ("tests/unit/x.cpp", "gtest/gtest.h"),
            ("tests/unit/x.cpp", "openssl/sha.h"),
            ("tests/sim/main.cpp", "CLI/CLI.hpp"),
            ("tests/sim/main.cpp", "unistd.h"),
            ("node/app/x.cpp", "prometheus/registry.h"),
        ]
        for path, header in allowed:
            self.assertEqual(self.rules_with(path, f"#include <{header}>\n"), [], (path, header))
        forbidden = [
            ("crypto/x.h", "secp256k1.h"),
            ("crypto/x.h", "openssl/sha.h"),
            ("wallet/x.cpp", "openssl/evp.h"),
            ("node/net/x.cpp", "secp256k1.h"),
            ("ledger/x.cpp", "rocksdb/db.h"),
            ("node/storage/x.cpp", "rocksdb/db.h"),
            ("node/core/x.cpp", "grpcpp/grpcpp.h"),
            ("node/core/x.cpp", "spdlog/spdlog.h"),
            ("node/core/x.cpp", "fmt/format.h"),
            ("base/x.cpp", "boost/json.hpp"),
            ("base/x.cpp", "fmt/format.h"),
            ("base/program/x.h", "CLI/CLI.hpp"),
            ("base/program/x.h", "spdlog/spdlog.h"),
            ("ledger/x.cpp", "google/protobuf/message.h"),
            ("node/app/x.cpp", "gtest/gtest.h"),
            ("tests/sim/x.cpp", "grpcpp/grpcpp.h"),
            ("wallet/cli/x.cpp", "qrencode.h"),
        ]
        for path, header in forbidden:
            self.assertEqual(
                self.rules_with(path, f"#include <{header}>\n"), ["third-party"], (path, header)
            )

    def test_generated_headers_count_as_third_party_in_quotes_too(self):
        text = '#include "peerpay/v1/node.grpc.pb.h"\n'
        self.assertEqual(self.rules_with("ledger/x.cpp", text), ["third-party"])
        self.assertEqual(self.rules_with("node/net/x.cpp", text), [])

    def test_a_header_must_not_bring_third_party_types_across(self):
        program = {"node/app/x.cpp": '#include "node/net/stream.h"\n'}
        tree = {**TREE, "CMakeLists.txt": TREE["CMakeLists.txt"] + "add_subdirectory(node/app)\n"}
        self.assertEqual(self.rules({**tree, **program}), ["layers"])
        indirectly = {
            "node/net/server.h": '#include "node/net/stream.h"\n',
            "node/app/x.cpp": '#include "node/net/server.h"\n',
        }
        self.assertEqual(self.rules({**tree, **indirectly}), ["layers"])
        self.assertEqual(
            self.rules({**tree, "node/net/y.cpp": '#include "node/net/stream.h"\n'}), []
        )

    def test_some_types_may_come_along(self):
        header = "#include <absl/container/inlined_vector.h>\n"
        wrapper = {"base/inline_vector.h": header}
        user = {"ledger/x.cpp": '#include "base/inline_vector.h"\n'}
        self.assertEqual(self.rules({**TREE, **wrapper, **user}), [])
        self.assertEqual(self.rules_with("ledger/x.cpp", header), ["third-party"])

    def test_unknown_libraries_are_refused_until_listed(self):
        self.assertEqual(
            self.rules_with("node/net/x.cpp", "#include <curl/curl.hpp>\n"), ["system-header"]
        )

    def test_system_headers_are_for_modules_that_do_io(self):
        for path in ("base/os/x.cpp", "node/net/x.cpp", "wallet/cli/x.cpp", "tests/unit/x.cpp"):
            self.assertEqual(self.rules_with(path, "#include <unistd.h>\n"), [], path)
        for path in (
            "base/x.cpp",
            "crypto/x.cpp",
            "node/core/x.cpp",
            "wallet/x.cpp",
            "tests/sim/x.cpp",
        ):
            self.assertEqual(
                self.rules_with(path, "#include <sys/socket.h>\n"), ["system-header"], path
            )
        self.assertEqual(
            self.rules_with("crypto/x.cpp", "#include <cstring>\n#include <map>\n"), []
        )

    def test_deps_must_not_form_a_circle_or_point_upward(self):
        circle = {
            "base/CMakeLists.txt": "peerpay_add_module(base SOURCES a.cpp DEPS peerpay::crypto)\n"
        }
        self.assertIn("layers", self.rules({**TREE, **circle}))
        upward = {
            "crypto/CMakeLists.txt": "peerpay_add_module(crypto DEPS peerpay::wallet)",
            "wallet/CMakeLists.txt": "peerpay_add_module(wallet)",
            "crypto/hash.h": "",
        }
        self.assertEqual(self.rules({**TREE, **upward}), ["layers"])

    def test_pure_modules_never_depend_on_the_system(self):
        deps = {
            "wallet/CMakeLists.txt": "peerpay_add_module(wallet DEPS peerpay::crypto peerpay::os)\n"
        }
        self.assertEqual(self.rules({**TREE, **deps}), ["pure-module"])


if __name__ == "__main__":
    unittest.main()
