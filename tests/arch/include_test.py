#!/usr/bin/env python3
"""Every #include of our own headers goes the way that docs/architecture/modules.txt allows.

A file belongs to the longest module whose folder contains it, so src/probe/http/x.cc is `probe` and
src/api/kener_v4/x.cc is `api/kener_v4`. What only tests use (*_test.cc, *_test_support.*,
*_testing.*, testing_*.*, testing/) may include any module, but nothing else may include it.
"""

import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cpp_source  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = "docs/architecture/modules.txt"
TEST_ONLY = re.compile(r"(_test\.cc|_(test_support|testing)\.(h|cc)|(^|/)testing_\w+\.(h|cc)|"
                       r"/testing/[^/]+)$")
GENERATED = re.compile(r"^[a-z_]+_assets\.h$")
# What a module must never know although it lives in a module that it may include.
NEVER = {
    "model": ("base/json.h", "base/clock.h", "base/fake_clock.h"),
    "rules": ("base/json.h", "base/clock.h", "base/fake_clock.h", "base/log.h"),
    "store": ("base/json.h",),
}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def load_table(root):
    """Returns {module: set of modules it may include}; {'*'} means all of them."""
    table = {}
    for row in read(os.path.join(root, TABLE)).split("\n"):
        if re.match(r"[a-z]", row):
            name, _, allowed = row.partition(":")
            table[name.strip()] = set(allowed.split())
    return table


def owner_of(path, table):
    """The module of a path relative to src/, or None."""
    best = None
    for name in table:
        if path.startswith(name + "/") and (best is None or len(name) > len(best)):
            best = name
    return best


def source_files(root):
    src = os.path.join(root, "src")
    for folder, names, files in os.walk(src):
        names.sort()
        for name in sorted(files):
            if name.endswith((".h", ".cc", ".inc")):
                yield os.path.relpath(os.path.join(folder, name), src).replace(os.sep, "/")


def judge(path, header, quoted, owner, table, root):
    """Returns what is wrong with one include of src/<path>, or None."""
    target_file = os.path.join(root, "src", header)
    if not quoted:
        return "our own headers are included with quotes" if os.path.isfile(target_file) else None
    if not os.path.isfile(target_file):
        beside = os.path.join(root, "src", os.path.dirname(path), header)
        if GENERATED.match(header):
            return None
        if os.path.isfile(beside):
            return "write the path from src/"
        return "there is no such header"
    target = owner_of(header, table)
    if target is None:
        return "the header belongs to no module of " + TABLE
    if TEST_ONLY.search(path):
        return None
    if TEST_ONLY.search(header):
        return "only tests may include test support"
    if header in NEVER.get(owner, ()):
        return f"{owner} must never know {header}"
    if target == owner:
        return None
    if "/internal/" in header:
        return f"internal header of {target}"
    if "*" in table[owner] or target in table[owner]:
        return None
    return f"{owner} may not include {target} ({TABLE})"


def check_tree(root):
    """Returns one line for each include that goes the wrong way."""
    table = load_table(root)
    problems = []
    for path in source_files(root):
        owner = owner_of(path, table)
        if owner is None:
            problems.append(f"src/{path}:1: the file belongs to no module of {TABLE}")
            continue
        for line, header, quoted in cpp_source.includes(read(os.path.join(root, "src", path))):
            problem = judge(path, header, quoted, owner, table, root)
            if problem:
                problems.append(f'src/{path}:{line}: "{header}": {problem}')
    return problems


def check_table(table):
    """The table names only modules that it has, and has no circle."""
    problems = []
    for name, allowed in table.items():
        for other in sorted(allowed - {"*"} - set(table)):
            problems.append(f"{name} allows {other}, which has no row")
    done, open_now = set(), []

    def visit(name):
        if name in open_now:
            problems.append("circle: " + " -> ".join(open_now[open_now.index(name):] + [name]))
            return
        if name in done or name not in table:
            return
        open_now.append(name)
        for other in sorted(table[name] - {"*"}):
            visit(other)
        open_now.pop()
        done.add(name)

    for name in table:
        visit(name)
    return problems


class RepositoryTest(unittest.TestCase):
    def test_every_include_follows_the_table(self):
        problems = check_tree(ROOT)
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_table_is_sound(self):
        self.assertEqual([], check_table(load_table(ROOT)))

    def test_sources_were_found(self):
        self.assertGreater(len(list(source_files(ROOT))), 5)

    def test_no_dialect_may_know_another(self):
        table = load_table(ROOT)
        # api/kener holds what one family shares; a module with a dialect.cc is a dialect.
        dialects = [name for name in table if name.startswith("api/") and
                    os.path.isfile(os.path.join(ROOT, "src", name, "dialect.cc"))]
        self.assertGreaterEqual(len(dialects), 5)
        for name in dialects:
            self.assertEqual(set(), table[name] & (set(dialects) - {name}), name)


class CheckerTest(unittest.TestCase):
    """The checker itself, on a small tree made for it."""

    def check(self, files, table=None):
        rows = table or ("base:\nmodel: base\nprobe: model base\nstore: model base\n"
                         "store/sqlite: store model base\napi: base\napi/one: api base\n"
                         "api/two: api base\napp: *\n")
        with tempfile.TemporaryDirectory() as root:
            everything = {TABLE: rows, "src/base/text.h": "", "src/base/clock.h": "",
                          "src/model/monitor.h": "", "src/store/store.h": "",
                          "src/store/sqlite/db.h": "", "src/api/one/words.h": "",
                          "src/probe/internal/dial.h": "", "src/base/base_test_support.h": ""}
            everything.update(files)
            for path, text in everything.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return check_tree(root)

    def assert_finds(self, path, text, place, words):
        problems = self.check({path: text})
        self.assertEqual(1, len(problems), problems)
        self.assertTrue(problems[0].startswith(place), problems[0])
        self.assertIn(words, problems[0])

    def test_clean_tree_is_clean(self):
        self.assertEqual([], self.check({
            "src/model/monitor.cc": '#include "model/monitor.h"\n#include "base/text.h"\n',
            "src/app/main.cc": '#include "store/sqlite/db.h"\n#include <vector>\n',
            "src/probe/http/http_probe.cc": '#include "probe/internal/dial.h"\n',
            "src/base/page.cc": '#include "page_assets.h"\n'}))

    def test_forbidden_direction_is_found_with_its_line(self):
        self.assert_finds("src/base/text.cc", '#include "base/text.h"\n\n#include "model/monitor.h"\n',
                          "src/base/text.cc:3:", "base may not include model")

    def test_indented_include_is_found(self):
        self.assert_finds("src/model/a.h", ' #  include "store/store.h"\n', "src/model/a.h:1:",
                          "model may not include store")

    def test_folder_of_a_kind_belongs_to_its_module(self):
        self.assert_finds("src/probe/http/http_probe.cc", '#include "store/store.h"\n',
                          "src/probe/http/http_probe.cc:1:", "probe may not include store")

    def test_longest_module_name_wins(self):
        self.assert_finds("src/store/port.cc", '#include "store/sqlite/db.h"\n',
                          "src/store/port.cc:1:", "store may not include store/sqlite")

    def test_dialect_may_not_include_another(self):
        self.assert_finds("src/api/two/routes.cc", '#include "api/one/words.h"\n',
                          "src/api/two/routes.cc:1:", "api/two may not include api/one")

    def test_internal_header_stays_inside(self):
        self.assert_finds("src/app/main.cc", '#include "probe/internal/dial.h"\n',
                          "src/app/main.cc:1:", "internal header of probe")

    def test_model_knows_no_clock(self):
        self.assert_finds("src/model/a.cc", '#include "base/clock.h"\n', "src/model/a.cc:1:",
                          "must never know")

    def test_path_starts_at_src(self):
        self.assert_finds("src/model/a.cc", '#include "monitor.h"\n', "src/model/a.cc:1:",
                          "write the path from src/")

    def test_missing_header_is_found(self):
        self.assert_finds("src/model/a.cc", '#include "model/gone.h"\n', "src/model/a.cc:1:",
                          "no such header")

    def test_angle_brackets_are_for_others(self):
        self.assert_finds("src/model/a.cc", "#include <base/text.h>\n", "src/model/a.cc:1:",
                          "with quotes")

    def test_unit_test_may_include_any_module(self):
        self.assertEqual([], self.check({"src/base/a_test.cc": '#include "store/sqlite/db.h"\n'}))

    def test_test_support_stays_in_tests(self):
        self.assert_finds("src/base/a.cc", '#include "base/base_test_support.h"\n',
                          "src/base/a.cc:1:", "only tests")

    def test_file_without_module_is_found(self):
        self.assert_finds("src/attic/a.cc", "", "src/attic/a.cc:1:", "belongs to no module")

    def test_circle_in_the_table_is_found(self):
        problems = check_table({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"nowhere"}})
        self.assertIn("circle: a -> b -> c -> a", problems)
        self.assertIn("d allows nowhere, which has no row", problems)


if __name__ == "__main__":
    argv = sys.argv
    if os.environ.get("PHAROS_TEST_PATTERN") and len(argv) == 1:
        argv = argv + ["-k", os.environ["PHAROS_TEST_PATTERN"]]
    unittest.main(argv=argv)
