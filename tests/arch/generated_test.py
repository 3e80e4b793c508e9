#!/usr/bin/env python3
"""Files that the program writes about itself are those of this build: run ./dev gen if not.

The program is the first argument; this one test needs it built and so belongs to the family e2e.
"""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 and os.path.exists(sys.argv[1]) else None


class GeneratedTest(unittest.TestCase):
    def assert_current(self, path, arguments):
        written = subprocess.run([PROGRAM, *arguments], check=True, capture_output=True).stdout
        with open(os.path.join(ROOT, path), "rb") as file:
            self.assertEqual(file.read().decode(), written.decode(), "run ./dev gen: " + path)

    def test_settings_page(self):
        self.assert_current("docs/operating/settings.md", ["settings", "--page"])

    def test_sample_file(self):
        self.assert_current("packaging/pharos.conf.sample", ["settings"])


if __name__ == "__main__":
    if PROGRAM is None:
        sys.exit("usage: generated_test.py PROGRAM")
    unittest.main()
