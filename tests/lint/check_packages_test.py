#!/usr/bin/env python3
"""Tests of check_packages.py: what nothing installs is found, through all that packages depend on."""

import pathlib
import shutil
import unittest

import check_packages

STATUS = """\
build-essential\t\tdpkg-dev (>= 1.17), libc6-dev | libc-dev, g++ (>= 4:12.2)
g++\tc++-compiler\tcpp, g++-12 (>= 12.2.0-1~)
g++-12\tc++-compiler\tlibstdc++-12-dev (= 12.2.0-14)
libstdc++-12-dev\tlibstdc++-dev\t
libc6-dev\tlibc-dev (= 2.36)\t
libgrpc++-dev\t\tlibgrpc-dev:amd64 (= 1.51)
libgrpc-dev\t\t
prometheus-cpp-dev\t\t
"""


class Needed(unittest.TestCase):
    def test_what_packages_depend_on_comes_with_them(self):
        self.assertEqual(
            check_packages.needed({"build-essential", "libgrpc++-dev"}, STATUS),
            {"build-essential", "g++", "g++-12", "libstdc++-12-dev", "libc6-dev", "libgrpc++-dev", "libgrpc-dev"},
        )

    def test_what_nothing_depends_on_does_not(self):
        self.assertNotIn("prometheus-cpp-dev", check_packages.needed({"build-essential"}, STATUS))

    def test_a_name_that_others_provide_brings_them(self):
        self.assertEqual(check_packages.needed({"libc-dev"}, STATUS), {"libc6-dev"})


class Reading(unittest.TestCase):
    def test_a_list_is_names_without_comments(self):
        self.assertEqual(check_packages.listed("# why\n\nalpha  # libbeta-dev\nbeta\n"), {"alpha", "beta"})

    def test_headers_of_the_repository_are_its_own(self):
        deps = "a.o: #deps 3\n    ../../node/a.cpp\n    /src/node/a.h\n    /usr/include/b.h\n\nb.o: #deps 0\n"
        self.assertEqual(check_packages.foreign_headers(deps, pathlib.Path("/src")), {"/usr/include/b.h"})

    @unittest.skipUnless(shutil.which("dpkg-query"), "this is no Debian")
    def test_a_header_has_the_package_that_installed_it(self):
        unknown = "/usr/include/of-nobody.h"
        paths = ["/usr/include/stdio.h", unknown]
        self.assertEqual(check_packages.owners(paths), {"/usr/include/stdio.h": "libc6-dev"})


if __name__ == "__main__":
    unittest.main()
