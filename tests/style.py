#!/usr/bin/python3
"""style - the limits of docs/HACKING.md, checked: length, nesting, parameters, lines, words.

Reads every C and Python file that git knows. What may be longer stands in tests/style.exceptions,
one line each: `<check> <file>[:<function>] <value> <reason>`; an exception that nothing needs any
more is a fault too. Prints one line a fault; exit 1 when there is one.
"""
import ast
import pathlib
import re
import subprocess
import sys

FUNCTION_LINES = 60
FILE_LINES = 500
LINE_WIDTH = 100
NESTING = 3
PARAMETERS = 6
TAB = 8
PROMISES = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|not impl" r"emented")
TOKEN = re.compile(r"[A-Za-z_]\w*|[{}();:?]|[^\s\w]|\d\w*")
LITERALS = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:\\\n|[^\n])*",
    re.S | re.M)


def blank(match):
    """A literal or comment as an empty one of as many lines."""
    text = match.group(0)
    return ('""' if text[0] == '"' else "0" if text[0] == "'" else " ") + "\n" * text.count("\n")


class Nesting:
    """The deepest control statement of one function body, counted as a reader does: an else-if
    chain is one level, a case label none."""

    def __init__(self, body):
        self.tokens = TOKEN.findall(body)
        self.at = 0
        self.deepest = 0
        while self.at < len(self.tokens):
            self.statement(0)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def parens(self):
        depth = 0
        while self.at < len(self.tokens):
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at], 0)
            self.at += 1
            if depth == 0:
                return

    def simple(self):
        """To the semicolon; braces of an initialiser are skipped over. A label ends at its ':'."""
        depth, asked = 0, False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token == "}" and depth == 0:
                return
            self.at += 1
            asked = asked or token == "?"
            depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(token, 0)
            if depth == 0 and (token == ";" or (token == ":" and not asked)):
                return

    def block(self, depth):
        self.at += 1
        while self.peek() not in ("}", ""):
            self.statement(depth)
        self.at += 1

    def statement(self, depth):
        self.deepest = max(self.deepest, depth)
        token = self.peek()
        if token == "{":
            return self.block(depth)
        if token == "}":
            self.at += 1
            return None
        if token in ("if", "for", "while", "switch"):
            self.at += 1
            self.parens()
            self.statement(depth + 1)
            return self.otherwise(depth) if token == "if" else None
        if token == "do":
            self.at += 1
            self.statement(depth + 1)
        return self.simple()

    def otherwise(self, depth):
        if self.peek() != "else":
            return
        self.at += 1
        self.statement(depth if self.peek() == "if" else depth + 1)


def c_functions(text):
    """(name, first line, lines, parameters, body) of each function, as clang-format lays it out:
    its braces stand alone in the first column."""
    lines = LITERALS.sub(blank, text).split("\n")
    for start in [i for i, line in enumerate(lines) if line == "{"]:
        end = next((i for i in range(start, len(lines)) if lines[i].startswith("}")), None)
        head = start - 1
        while head > 0 and lines[head - 1].strip() and not lines[head - 1].startswith(("}", "#")):
            head -= 1
        heading = " ".join(lines[head:start])
        found = re.search(r"(\w+)\s*\((.*)\)", heading)
        if end is None or not found:
            continue
        inner = re.sub(r"\([^()]*\)", "", found.group(2))
        count = 0 if inner.strip() in ("", "void") else inner.count(",") + 1
        yield found.group(1), head + 1, end - head + 1, count, "\n".join(lines[start + 1:end])


def py_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


class Style:
    def __init__(self, exceptions):
        self.faults = []
        self.allowed = {}
        self.used = set()
        self.exceptions = exceptions
        lines = exceptions.read_text().splitlines() if exceptions.exists() else []
        for number, line in enumerate(lines, 1):
            words = line.split(None, 3)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 4 or not words[2].isdigit():
                self.faults.append(f"{exceptions}:{number}: want: check place value reason")
                continue
            self.allowed[words[0], words[1]] = int(words[2])

    def limit(self, check, place, line, value, limit):
        path = place.split(":")[0]
        if value <= limit:
            return
        if (check, place) in self.allowed:
            self.used.add((check, place))
            limit = self.allowed[check, place]
        if value > limit:
            self.faults.append(f"{path}:{line}: {check} of {place} is {value}, limit {limit}")

    def lines(self, path, text):
        for number, line in enumerate(text.split("\n"), 1):
            width = len(line.expandtabs(TAB))
            self.limit("line", str(path), number, width, LINE_WIDTH)
            if line != line.rstrip():
                self.faults.append(f"{path}:{number}: blanks at the end of the line")
            if PROMISES.search(line):
                self.faults.append(f"{path}:{number}: a promise left in the code")
        self.limit("file", str(path), 1, text.count("\n"), FILE_LINES)

    def c_file(self, path, text):
        for name, line, length, parameters, body in c_functions(text):
            place = f"{path}:{name}"
            self.limit("function", place, line, length, FUNCTION_LINES)
            self.limit("parameters", place, line, parameters, PARAMETERS)
            self.limit("nesting", place, line, Nesting(body).deepest, NESTING)
            for label in re.findall(r"\bgoto\s+(\w+)", body):
                if label != "err":
                    self.faults.append(f"{path}:{line}: goto {label} in {name}; only to err")
        if path.suffix == ".h" and not path.name.endswith(".def"):
            if not text.startswith("/*") or "#ifndef DAYBOOK_" not in text:
                self.faults.append(f"{path}:1: a header begins with its comment and its guard")
            # the parts of the comment are found by the eye only where each begins a line
            for label in re.findall(r"[^\s*] (Shape|Units|Errors|Owns|Source) {2,}\S",
                                    text.partition("*/")[0]):
                self.faults.append(f"{path}:1: {label} begins a line of the header's comment")

    def check(self, path):
        text = path.read_text(encoding="utf-8", errors="replace")
        self.lines(path, text)
        if path.suffix in (".c", ".h"):
            self.c_file(path, text)
        if path.suffix in (".py", ""):
            for name, line, length in py_functions(text):
                self.limit("function", f"{path}:{name}", line, length, FUNCTION_LINES)

    def finish(self):
        for check, place in sorted(set(self.allowed) - self.used):
            self.faults.append(f"{self.exceptions}:1: exception not needed: {check} {place}")
        return self.faults


def main():
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "*.c", "*.h", "*.def", "*.py",
                            "tests/run"],
                           capture_output=True, check=True).stdout.decode().split("\0")
    style = Style(pathlib.Path("tests/style.exceptions"))
    files = [pathlib.Path(name) for name in names if name and pathlib.Path(name).exists()]
    for path in files:
        style.check(path)
    faults = style.finish()
    print("\n".join(faults) if faults else f"style: {len(files)} files, no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
