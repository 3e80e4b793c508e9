#!/usr/bin/env python3
"""What a reviewer would otherwise have to say again and again: sizes, marks of unfinished work,
hidden state, tests that no target runs, plug-ins that nobody registered.

Markers that exempt, each with its reason in the same comment:
  // tidy: table          in a function (or on the line above it): long because it is a list
  // tidy: process-wide   on a mutable variable that the whole process shares
  # tidy: poll            on a pause in a bounded wait of an end-to-end test for another process
"""

import fnmatch
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cpp_source  # noqa: E402
from include_test import TEST_ONLY  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLUMNS = 100
HEADER_LINES, SOURCE_LINES, TEST_LINES, FUNCTION_LINES = 300, 700, 900, 70
OWN_INCLUDES_OF_A_HEADER = 10
PROCESS_WIDE_AT_MOST = 4
CODE = (".h", ".cc", ".py", ".ts", ".js", ".css", ".sql", ".cmake", ".sh")
LAID_OUT = (".h", ".cc", ".py", ".ts")
FOLDERS = ("src", "tests", "bench", "cmake", "tools", "web")
# Seconds to compile: behind an interface of ours, in one source.
HEAVY = ("boost/beast", "simdjson.h", "spdlog/", "CLI/", "prometheus/", "date/tz.h", "re2/")
# Cheap C interfaces that leak their types: in one module, in no header that others include.
FENCED = ("ares.h", "curl/curl.h", "sqlite3.h")
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\b[Nn]ot implemented\b|"
                   r"\b(?i:unimplemented|placeholder|stub|stubbed|for now)\b")
CPP_SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
PYTHON_SLEEP = re.compile(r"\bsleep\s*\(")
NOT_A_VARIABLE = re.compile(
    r"^(using|typedef|namespace|class|struct|union|enum|template|friend|static_assert|concept|"
    r"return|case|break|continue|goto|throw|delete|else|co_return)\b|\boperator\b")
VARIABLE = re.compile(r"^(?:(?:static|inline|extern|thread_local|constinit|mutable)\s+)*"
                      r"(?:(?:unsigned|signed|struct|class)\s+)*"
                      r"[A-Za-z_:][\w:]*(?:\s*<.*>)?(?:::\w+)*[\s*&]+"
                      r"(?:const\s+)?\w+(?:\[[^\]]*\])*$")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class Tree:
    """The files of a repository that the checks look at, read once."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        for top in FOLDERS:
            for folder, names, files in os.walk(os.path.join(root, top)):
                names[:] = sorted(n for n in names if n not in ("node_modules", "__pycache__"))
                for name in sorted(files):
                    path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
                    if name.endswith(CODE) or name == "CMakeLists.txt":
                        self.files[path] = read(os.path.join(folder, name))
        self.cpp = {p: t for p, t in self.files.items() if p.endswith((".h", ".cc"))}
        self.blank = {p: cpp_source.blank_out(t) for p, t in self.cpp.items()}

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def text(self, path):
        return read(os.path.join(self.root, path)) if self.exists(path) else ""


def is_test(path):
    return path.startswith("tests/") or bool(TEST_ONLY.search(path))


def lines_of(text):
    return text.count("\n") + (0 if text.endswith("\n") or not text else 1)


def file_sizes(tree):
    for path, text in tree.cpp.items():
        limit = HEADER_LINES if path.endswith(".h") else SOURCE_LINES
        if is_test(path) and not path.endswith(".h"):
            limit = TEST_LINES
        if lines_of(text) > limit:
            yield f"{path}:1: {lines_of(text)} lines, the limit is {limit}"


def function_sizes(tree):
    for path, text in tree.cpp.items():
        rows = text.split("\n")
        for item in cpp_source.scan(tree.blank[path][0]):
            if item[0] != "scope" or item[1].kind != "function":
                continue
            scope = item[1]
            length = scope.last_line - scope.first_line + 1
            around = "\n".join(rows[max(0, scope.first_line - 2):scope.last_line])
            if length > FUNCTION_LINES and "tidy: table" not in around:
                head = " ".join(scope.head.split())[:60]
                yield (f"{path}:{scope.first_line}: {length} lines, the limit is "
                       f"{FUNCTION_LINES}: {head}")


def columns(tree):
    for path, text in tree.files.items():
        if not path.endswith(LAID_OUT):
            continue
        raw = tree.blank[path][1] if path in tree.cpp else ()
        for number, row in enumerate(text.split("\n"), 1):
            if len(row) > COLUMNS and number not in raw and not re.search("://|#include", row):
                yield f"{path}:{number}: {len(row)} columns, the limit is {COLUMNS}"


def unfinished(tree):
    for path, text in tree.files.items():
        if path == "tests/arch/tidy_test.py":
            continue
        for number, row in enumerate(text.split("\n"), 1):
            found = MARKS.search(row)
            if found:
                yield f"{path}:{number}: mark of unfinished work: {found.group()}"


def sleeps(tree):
    """Nothing sleeps: tests move a clock, loops wait on their queue, net waits on sockets."""
    for path, (code, _) in tree.blank.items():
        if path.startswith("src/net/") and not is_test(path):
            continue
        for number, row in enumerate(code.split("\n"), 1):
            if CPP_SLEEP.search(row):
                yield f"{path}:{number}: sleeps"
    for path, text in tree.files.items():
        if re.match(r"tests/(?!arch/).*\.py$", path):
            for number, row in enumerate(text.split("\n"), 1):
                if PYTHON_SLEEP.search(row) and "tidy: poll" not in row:
                    yield f"{path}:{number}: sleeps"


def banned_headers(tree):
    for path, text in tree.cpp.items():
        own = 0
        for number, header, quoted in cpp_source.includes(text):
            own += quoted
            if header == "regex":
                yield f"{path}:{number}: <regex> backtracks; use RE2 behind our own interface"
            if header == "iostream" and path.endswith(".h"):
                yield f"{path}:{number}: <iostream> in a header"
        # The wiring knows every part; that is what it is for.
        limited = path.endswith(".h") and not is_test(path) and not path.startswith("src/app/")
        if limited and own > OWN_INCLUDES_OF_A_HEADER:
            yield f"{path}:1: {own} includes of our own, the limit is {OWN_INCLUDES_OF_A_HEADER}"


def _users(tree, wanted):
    """Yields (path, line, header) of each include of `wanted` in sources that are not tests."""
    for path, text in tree.cpp.items():
        if path.startswith("src/") and not is_test(path):
            for number, header, _ in cpp_source.includes(text):
                if header == wanted or (not wanted.endswith(".h") and header.startswith(wanted)):
                    yield path, number, header


def heavy_headers(tree):
    for heavy in HEAVY:
        users = list(_users(tree, heavy))
        for path, number, header in users:
            if path.endswith(".h"):
                yield f"{path}:{number}: <{header}> in a header"
        paths = sorted({path for path, _, _ in users})
        if len(paths) > 1:
            yield f"{heavy} is included by several sources: {', '.join(paths)}"
    for fenced in FENCED:
        users = list(_users(tree, fenced))
        modules = {os.path.dirname(path).replace("/internal", "") for path, _, _ in users}
        if len(modules) > 1:
            yield f"{fenced} is included by several modules: {', '.join(sorted(modules))}"
        for header in {path for path, _, _ in users if path.endswith(".h")}:
            for path, text in tree.cpp.items():
                seen = [h for _, h, _ in cpp_source.includes(text)]
                inside = path.startswith(os.path.dirname(header).replace("/internal", "") + "/")
                if header[len("src/"):] in seen and not inside:
                    yield f"{path}:1: gets {fenced} through {header}"


def _is_mutable_variable(text):
    if NOT_A_VARIABLE.search(text):
        return False
    left = re.split(r"(?<![=!<>])=(?!=)|\{\}", text)[0].strip()
    if "(" in left or re.search(r"\bconstexpr\b", left) or left == "extern char** environ":
        return False
    if re.search(r"\bconst\b", left):
        pointer = re.search(r"\*\s*(const\s+)?\w+(\[[^\]]*\])*$", left)
        return bool(pointer and not pointer.group(1))
    return bool(VARIABLE.match(left))


def hidden_state(tree):
    exempt = []
    for path, text in tree.cpp.items():
        if not path.startswith("src/"):
            continue
        rows = text.split("\n")
        for item in cpp_source.scan(tree.blank[path][0]):
            if item[0] != "statement":
                continue
            _, words, line, outer = item
            shared = re.match(r"(inline\s+)?(static|thread_local)\s", words)
            if outer != "namespace" and not shared:
                continue
            if not _is_mutable_variable(words):
                continue
            around = "\n".join(rows[max(0, line - 3):line + 1])
            if "tidy: process-wide" in around:
                exempt.append(f"{path}:{line}")
            else:
                yield f"{path}:{line}: state that the whole process shares: {words[:60]}"
    if len(exempt) > PROCESS_WIDE_AT_MOST:
        yield f"more than {PROCESS_WIDE_AT_MOST} process-wide variables: {', '.join(exempt)}"


def _named_in_cmake(tree, path):
    """True if a CMakeLists.txt in the file's folder or above names it, by list or by pattern."""
    folder = os.path.dirname(path)
    while folder:
        text = tree.text(folder + "/CMakeLists.txt")
        rest = path[len(folder) + 1:]
        if re.search(r"(?<![\w/.])" + re.escape(rest) + r"(?![\w.])", re.sub(r"#.*", "", text)):
            return True
        for pattern in re.findall(r"[\w/*]*\*[\w/*]*\.cc", text):
            if fnmatch.fnmatch(rest, pattern):
                return True
        folder = os.path.dirname(folder)
    return False


def orphans(tree):
    for path in tree.cpp:
        if path.endswith(".cc") and not _named_in_cmake(tree, path):
            yield f"{path}:1: no CMakeLists.txt names it, so nothing builds or runs it"
    for path in tree.files:
        if re.fullmatch(r"tests/(arch|e2e)/\w+_test\.py", path):
            name = os.path.basename(path)
            listed = tree.text(os.path.dirname(path) + "/CMakeLists.txt")
            if name not in listed and name[:-3] not in listed and "*_test.py" not in listed:
                yield f"{path}:1: no CMakeLists.txt names it, so nothing runs it"


def _kinds(tree, top):
    inside = [p[len(top) + 1:] for p in tree.cpp if p.startswith(top + "/")]
    return sorted({p.split("/")[0] for p in inside if "/" in p} - {"internal", "testing"})


def plug_ins(tree):
    for top, docs in (("src/probe", "docs/probes"), ("src/notify", "docs/channels")):
        catalog = tree.text(top + "/catalog.cc")
        for kind in _kinds(tree, top):
            include = f'"{top[4:]}/{kind}/'
            words = r"\b\w*" + "".join(part.capitalize() for part in kind.split("_")) + r"\w*\("
            if include not in catalog and not re.search(words, catalog):
                yield f"{top}/catalog.cc:1: has no line for {kind}"
            if not tree.exists(f"{docs}/{kind}.md"):
                yield f"{docs}/{kind}.md: missing"
            named = re.compile(rf'"{kind}["/]|/{kind}/')
            tests = [p for p in tree.cpp if p.startswith(top + "/") and p.endswith("_test.cc")]
            if not any(p.startswith(f"{top}/{kind}/") or named.search(tree.cpp[p]) for p in tests):
                yield f"{top}/{kind}: no test of the module names it"
    for dialect in _kinds(tree, "src/api"):
        # api/kener holds what one family shares; a folder with a dialect.cc is a dialect.
        if not tree.exists(f"src/api/{dialect}/dialect.cc"):
            continue
        for page in (f"docs/dialects/{dialect}.md", f"docs/dialects/{dialect}-differences.md"):
            if not tree.exists(page):
                yield f"{page}: missing"


class RepositoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = Tree(ROOT)

    def assert_clean(self, check):
        problems = list(check(self.tree))
        if problems:
            self.fail(f"{len(problems)} found\n" + "\n".join(problems))

    def test_files_are_short(self):
        self.assert_clean(file_sizes)

    def test_functions_are_short(self):
        self.assert_clean(function_sizes)

    def test_lines_fit(self):
        self.assert_clean(columns)

    def test_nothing_is_marked_unfinished(self):
        self.assert_clean(unfinished)

    def test_nothing_sleeps(self):
        self.assert_clean(sleeps)

    def test_banned_headers_are_absent(self):
        self.assert_clean(banned_headers)

    def test_heavy_headers_have_one_user(self):
        self.assert_clean(heavy_headers)

    def test_no_hidden_state(self):
        self.assert_clean(hidden_state)

    def test_every_source_and_test_is_built(self):
        self.assert_clean(orphans)

    def test_every_plug_in_is_registered_and_documented(self):
        self.assert_clean(plug_ins)


class CheckerTest(unittest.TestCase):
    """The checks themselves, on small trees made for them."""

    def found(self, check, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return list(check(Tree(root)))

    def assert_one(self, check, files, start):
        problems = self.found(check, files)
        self.assertEqual(1, len(problems), problems)
        self.assertTrue(problems[0].startswith(start), problems[0])

    def test_long_files(self):
        self.assert_one(file_sizes, {"src/base/a.h": "//\n" * 301, "src/base/b.h": "//\n" * 300,
                                     "src/base/a.cc": "//\n" * 700,
                                     "src/base/a_test.cc": "//\n" * 900}, "src/base/a.h:1: 301")

    def long_function(self, note="", head="int Long(int a, std::string b) {"):
        body = head + note + "\n" + "  Do();\n" * 70 + "}\n"
        return "namespace x {\n\n" + body + "\n}  // namespace x\n"

    def test_long_function(self):
        self.assert_one(function_sizes, {"src/base/a.cc": self.long_function()},
                        "src/base/a.cc:3: 72 lines")

    def test_long_method_in_a_class(self):
        text = "class A : public B<int> {\n public:\n  A() = default;\n" + self.long_function(
            head="void Run() const override {").replace("namespace x {", "").replace(
                "}  // namespace x", "") + "};\n"
        self.assert_one(function_sizes, {"src/base/a.h": text}, "src/base/a.h:6: 72 lines")

    def test_long_constructor_with_brace_initialisers(self):
        text = self.long_function(head="A::A(int a)\n    : a_(a),\n      b_{a, 1},\n      c_(2) {")
        self.assert_one(function_sizes, {"src/base/a.cc": text}, "src/base/a.cc:3: 75 lines")

    def test_table_is_not_a_function(self):
        text = "constexpr Row kRows[] = {\n" + '    {"a", 1},\n' * 90 + "};\n"
        self.assertEqual([], self.found(function_sizes, {"src/base/a.cc": text}))

    def test_marker_exempts_a_list(self):
        text = self.long_function(note="  // tidy: table, one row per setting")
        self.assertEqual([], self.found(function_sizes, {"src/base/a.cc": text}))

    def test_braces_in_text_do_not_confuse(self):
        text = ('void A() {\n  Say("}{", \'{\', R"(\n{{{\n)", 1\'000);  // }\n}\n' +
                "void B() {\n  A();\n}\n") * 20
        self.assertEqual([], self.found(function_sizes, {"src/base/a.cc": text}))

    def test_wide_line(self):
        wide = "// " + "x" * 98 + "\n"
        self.assert_one(columns, {"src/base/a.cc": "\n" + wide}, "src/base/a.cc:2: 101")
        raw = 'auto s = R"(\n' + wide + ')";\n'
        self.assertEqual([], self.found(columns, {"src/base/a.cc": raw}))

    def test_marks(self):
        for mark in ("// TODO(x): more", "// FIXME", "// a stub", "// good enough for now",
                     'Fail("not implemented");'):
            self.assert_one(unfinished, {"src/base/a.cc": mark + "\n"}, "src/base/a.cc:1:")
        self.assertEqual([], self.found(unfinished, {"src/a.cc": 'Row{501, "Not Implemented"};'}))

    def test_sleeps(self):
        self.assert_one(sleeps, {"src/base/a_test.cc": "std::this_thread::sleep_for(1s);\n",
                                 "src/net/loop.cc": "usleep(1);\n"}, "src/base/a_test.cc:1")
        text = "time.sleep(1)\ntime.sleep(0.1)  # tidy: poll\n"
        self.assert_one(sleeps, {"tests/e2e/a.py": text}, "tests/e2e/a.py:1")

    def test_banned_headers(self):
        self.assert_one(banned_headers, {"src/base/a.cc": "#include <regex>\n"}, "src/base/a.cc:1")
        self.assert_one(banned_headers, {"src/base/a.h": "#include <iostream>\n"}, "src/base/a.h:1")

    def test_heavy_headers(self):
        beast = "#include <boost/beast/http.hpp>\n"
        self.assertEqual([], self.found(heavy_headers, {"src/http/a.cc": beast}))
        twice = {"src/http/a.cc": beast, "src/net/b.cc": beast}
        self.assert_one(heavy_headers, twice, "boost/beast")
        self.assert_one(heavy_headers, {"src/http/a.h": beast}, "src/http/a.h:1")

    def test_fenced_headers(self):
        curl = "#include <curl/curl.h>\n"
        files = {"src/net/a.h": curl, "src/net/a.cc": curl + '#include "net/a.h"\n'}
        self.assertEqual([], self.found(heavy_headers, files))
        self.assert_one(heavy_headers, {**files, "src/probe/b.cc": '#include "net/a.h"\n'},
                        "src/probe/b.cc:1")
        self.assert_one(heavy_headers, {**files, "src/probe/b.cc": curl}, "curl/curl.h")

    def test_hidden_state(self):
        for text in ("int counter = 0;", "static std::map<int, std::string> cache;",
                     "std::atomic<bool> stop{false};", "const char* name = nullptr;",
                     "thread_local std::string buffer;", "void F() {\n  static int calls = 0;\n}",
                     "struct A {\n  inline static int n = 0;\n};", "std::mutex mutex;"):
            problems = self.found(hidden_state, {"src/a.cc": "namespace {\n" + text + "\n}\n"})
            self.assertEqual(1, len(problems), text)
        for text in ("constexpr int kA = 1;", "const std::string kB = F(1);",
                     "int F(int a, B b = {});", "const char* const kC = nullptr;",
                     "using A = std::vector<int>;", "class B;", "extern const char kD[];",
                     "struct A {\n  int n = 0;\n  static int Next();\n};",
                     "void F() {\n  static const A kA{1};\n  int n;\n  static_cast<void>(n);\n}",
                     "template <class T>\nT G();", "std::string operator+(A a, B b);",
                     "// tidy: process-wide, the log writer\nint g = 1;"):
            problems = self.found(hidden_state, {"src/a.cc": "namespace {\n" + text + "\n}\n"})
            self.assertEqual([], problems, text)

    def test_orphans(self):
        module = "pharos_module(base SOURCES a.cc sub/b.cc TESTS a_test.cc)"
        lists = {"src/base/CMakeLists.txt": module,
                 "src/base/a.cc": "", "src/base/sub/b.cc": "", "src/base/a_test.cc": "",
                 "tests/fuzz/CMakeLists.txt": "file(GLOB found *_fuzz.cc)",
                 "tests/fuzz/json_fuzz.cc": ""}
        self.assertEqual([], self.found(orphans, lists))
        self.assert_one(orphans, {**lists, "src/base/b_test.cc": ""}, "src/base/b_test.cc:1")
        self.assert_one(orphans, {**lists, "src/base/sub/a.cc": ""}, "src/base/sub/a.cc:1")

    def test_plug_ins(self):
        kind = {"src/probe/tcp/tcp_probe.cc": "", "src/probe/tcp/tcp_probe_test.cc": "",
                "src/probe/catalog.cc": '#include "probe/tcp/tcp_probe.h"\n',
                "docs/probes/tcp.md": "# tcp\n"}
        self.assertEqual([], self.found(plug_ins, kind))
        for gone, start in (("src/probe/catalog.cc", "src/probe/catalog.cc"),
                            ("docs/probes/tcp.md", "docs/probes/tcp.md"),
                            ("src/probe/tcp/tcp_probe_test.cc", "src/probe/tcp")):
            left = {path: text for path, text in kind.items() if path != gone}
            self.assert_one(plug_ins, left, start)

    def test_dialects_are_documented(self):
        pages = {"docs/dialects/one.md": "", "docs/dialects/one-differences.md": ""}
        dialect = {"src/api/one/dialect.cc": ""}
        self.assertEqual([], self.found(plug_ins, {**dialect, **pages}))
        self.assert_one(plug_ins, {**dialect, "docs/dialects/one.md": ""},
                        "docs/dialects/one-differences.md")
        self.assertEqual([], self.found(plug_ins, {"src/api/family/words.cc": ""}))


if __name__ == "__main__":
    argv = sys.argv
    if os.environ.get("PHAROS_TEST_PATTERN") and len(argv) == 1:
        argv = argv + ["-k", os.environ["PHAROS_TEST_PATTERN"]]
    unittest.main(argv=argv)
