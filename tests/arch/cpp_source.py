"""Reads C++ just well enough for the architecture tests: what is code, what is a function.

No compiler is used, so that these tests run in a second and before anything is built. The reading
is a heuristic for code laid out by clang-format; a case that it cannot tell apart carries a marker
comment (see tidy_test.py).
"""

import re

RAW_STRING = re.compile(r'(?:u8|[uUL])?R"([^()\\\s]{0,16})\(')
IDENTIFIER = re.compile(r"\w")


def blank_out(text):
    """Returns `text` with comments, strings and characters replaced by blanks, lines kept.

    The second value is the set of line numbers (from 1) that lie inside a raw string.
    """
    out = []
    raw_lines = set()
    i, n, line = 0, len(text), 1

    def put(piece, keep=""):
        out.append(keep + re.sub(r"[^\n]", " ", piece[len(keep):]))

    while i < n:
        c = text[i]
        two = text[i:i + 2]
        if two == "//":
            end = text.find("\n", i)
            end = n if end < 0 else end
            put(text[i:end])
        elif two == "/*":
            end = text.find("*/", i + 2)
            end = n if end < 0 else end + 2
            put(text[i:end])
        elif c in "RuUL" and RAW_STRING.match(text, i) and not (
                i > 0 and IDENTIFIER.match(text[i - 1])):
            tag = RAW_STRING.match(text, i).group(1)
            end = text.find(")" + tag + '"', i)
            end = n if end < 0 else end + len(tag) + 2
            raw_lines.update(range(line, line + text.count("\n", i, end) + 1))
            put(text[i:end])
        elif c == '"':
            end = i + 1
            while end < n and text[end] != '"' and text[end] != "\n":
                end += 2 if text[end] == "\\" else 1
            end = min(end + 1, n)
            if text.rfind("#include", text.rfind("\n", 0, i) + 1, i) >= 0:
                out.append(text[i:end])
            else:
                put(text[i:end])
        elif c == "'" and not (i > 0 and text[i - 1].isalnum()):
            end = i + 1
            while end < n and text[end] != "'" and text[end] != "\n":
                end += 2 if text[end] == "\\" else 1
            end = min(end + 1, n)
            put(text[i:end])
        else:
            out.append(c)
            end = i + 1
        line += text.count("\n", i, end)
        i = end
    return "".join(out), raw_lines


class Scope:
    """One pair of braces: its kind, the text before it and the lines from that text to the end."""

    def __init__(self, kind, head, first_line):
        self.kind = kind  # namespace, type, function, block or value
        self.head = head
        self.first_line = first_line
        self.last_line = first_line


def _kind_of(head, outer):
    text = " ".join(head.split())
    if outer in ("function", "block"):
        return "block"
    if outer == "value":
        return "value"
    if re.search(r"\bnamespace\b[\w:\s]*$", text) or re.search(r"\bextern\s*$", text):
        return "namespace"
    if re.match(r"(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b", text) and (
            "=" not in re.sub(r"<[^<>]*>", "", text).split(":")[0] or text.startswith("enum")):
        if not re.search(r"\)\s*(?:const|noexcept|override|final)*\s*$", text):
            return "type"
    if re.search(r"\)\s*:\s*", text) and re.search(r"[)}]$", text):
        return "function"  # constructor with an initialiser list
    ends_like_one = re.search(
        r"\)(?:\s*(?:const|noexcept(?:\([^)]*\))?|override|final|mutable|&&?|try))*"
        r"(?:\s*->\s*[\w:<>,*&\s]+)?$", text)
    if ends_like_one and not re.search(r"=\s*\w*\([^)]*\)$", text):
        return "function"
    if re.search(r"\)\s*requires\b", text):
        return "function"
    return "value"


def scan(code):
    """Yields ('scope', Scope) at each closing brace and ('statement', text, line, outer kind) at
    each ';' of namespaces, types and functions. `code` comes from blank_out()."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",
                  lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.M)
    stack = [Scope("namespace", "", 1)]
    head, head_line, line, parens = [], 0, 1, 0
    saved = []
    for c in code:
        if c == "\n":
            line += 1
        if c == "{":
            scope = Scope("value" if parens and stack[-1].kind not in ("function", "block")
                          else _kind_of("".join(head), stack[-1].kind), "".join(head),
                          head_line or line)
            saved.append((head, head_line, parens))
            stack.append(scope)
            head, head_line, parens = [], 0, 0
        elif c == "}":
            if len(stack) > 1:
                scope = stack.pop()
                scope.last_line = line
                head, head_line, parens = saved.pop()
                yield ("scope", scope)
                if scope.kind == "value":
                    head.append("{}")  # a brace initialiser: the statement goes on
                else:
                    head, head_line = [], 0
        elif c == ";" and parens == 0:
            text = " ".join("".join(head).split())
            if text:
                yield ("statement", text, head_line, stack[-1].kind)
            head, head_line = [], 0
        elif c == ":" and re.fullmatch(r"\s*(?:public|private|protected)\s*", "".join(head)):
            head, head_line = [], 0
        else:
            if c == "(":
                parens += 1
            elif c == ")":
                parens = max(0, parens - 1)
            if not c.isspace() and not head_line:
                head_line = line
            head.append(c)


def includes(text):
    """Yields (line, header, quoted) of every #include."""
    for number, row in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', row)
        if found:
            yield number, found.group(2), found.group(1) == '"'
