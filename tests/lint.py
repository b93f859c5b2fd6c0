#!/usr/bin/python3
"""lint - the checks that need no running system, one a name: `tests/lint.py tidy`.

Each prints what it found and exits 0 (clean) or 1. A tool that is missing is a fault, never a pass.
Files are those that git knows, compile commands those that make would run, so nothing is listed
twice. BUILD is make's build directory.
"""
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
PYTHON = "/usr/bin/python3"
JOBS = 2
# A mutable variable at file scope is a global, except where it is the point of the module: each
# with the reason why it cannot be passed as an argument.
GLOBALS = {
    "log": "the program's name and level, so that every layer can log",
    "crash": "the armed test point, so that it costs one pointer test",
    "notify": "when the supervisor was last told, so that a call is cheap",
    "sock": "ZeroMQ allows one context a process",
    "trace": "the trace asked for by the environment, as the log is",
}


def run(*command):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False,
                              stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return 1, f"{command[0]} is missing: sh etc/deps.sh check"
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def listed(*patterns):
    code, out = run("git", "ls-files", "--cached", *patterns)
    if code != 0:
        sys.exit(f"lint: git ls-files: {out}")
    return [name for name in out.splitlines() if os.path.exists(name)]


def compile_commands():
    """{source: its flags} of everything that make would compile."""
    _, out = run("make", "-Bnk", f"BUILD={BUILD}", "all", "tests", "fuzzers")
    commands = {}
    for line in out.splitlines():
        words = shlex.split(line) if " -c " in line else []
        if "-c" not in words or "-o" not in words:
            continue
        source = words[words.index("-c") + 1]
        commands[source] = [word for word in words[1:words.index("-c")]
                            if word.startswith(("-iquote", "-D", "-std"))]
    return commands


def lint_format():
    """Every C file stands as clang-format would write it."""
    code, out = run("clang-format", "--dry-run", "-Werror", *listed("*.c", "*.h"))
    return code, out if code else ""


def lint_style():
    return run(PYTHON, "tests/style.py")


def headers_of(source):
    """The headers of ours that a file was compiled with; all, where that is not known."""
    listing = BUILD / pathlib.Path(source).with_suffix(".d")
    if not listing.exists():
        return listed("*.h", "*.def")
    words = listing.read_text().split("\n\n")[0].replace("\\\n", " ").split()[1:]
    return sorted(word for word in words if word != source and os.path.exists(word))


def tidy_file(source, flags):
    """clang-tidy of one file, once for the same file, headers and flags: it takes seconds."""
    flags = [flag for flag in flags if not flag.startswith("-DDAYBOOK_VERSION")]
    files = [source, ".clang-tidy", "tests/tidy.h", *headers_of(source)]
    text = b"".join(pathlib.Path(name).read_bytes() for name in files) + " ".join(flags).encode()
    stamp = BUILD / "lint" / hashlib.sha256(text).hexdigest()
    if stamp.exists():
        return ""
    if source != "lib/fault.c":
        flags += ["-include", "tests/tidy.h"]
    code, out = run("clang-tidy", "--quiet", "--warnings-as-errors=*", source, "--", *flags,
                    '-DDAYBOOK_VERSION="lint"')
    if code == 0:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        return ""
    return re.sub(r"^\d+ warnings? .*\n", "", out, flags=re.M)


def lint_tidy():
    """clang-tidy over every translation unit, with the checks of .clang-tidy."""
    commands = compile_commands()
    sources = [name for name in listed("*.c") if not name.startswith("bench/")]
    unknown = [name for name in sources if name not in commands]
    if unknown or not sources:
        return 1, f"make does not compile {unknown or 'anything'}"
    with ThreadPoolExecutor(JOBS) as pool:
        found = list(pool.map(lambda name: tidy_file(name, commands[name]), sources))
    return int(any(found)), "\n".join(text for text in found if text)


def lint_cppcheck():
    folders = sorted({flag.replace("-iquote", "-I") for flags in compile_commands().values()
                      for flag in flags if flag.startswith("-iquote")})
    cache = BUILD / "lint" / "cppcheck"
    cache.mkdir(parents=True, exist_ok=True)
    return run("cppcheck", "-q", "--std=c11", "--error-exitcode=1", f"-j{JOBS}", "--inline-suppr",
               "--enable=warning,performance,portability", f"--cppcheck-build-dir={cache}",
               "--suppress=missingIncludeSystem", "--suppress=normalCheckLevelMaxBranches",
               # these two follow no loops and no pointers; gcc and clang's analyzer do
               "--suppress=uninitvar", "--suppress=objectIndex",
               "--suppress=*:tests/*", *folders, *listed("*.c"))


def lint_openapi():
    return run(PYTHON, "tests/openapi_check.py")


def lint_wire():
    """docs/WIRE.md is what the table of the protocol says today."""
    code, out = run(BUILD / "bin/daybook-dump", "--markdown")
    if code != 0:
        return 1, out
    path = pathlib.Path("docs/WIRE.md")
    if not path.exists() or path.read_text() != out:
        return 1, "docs/WIRE.md is stale: build/bin/daybook-dump --markdown >docs/WIRE.md"
    return 0, ""


def lint_globals():
    """No mutable variable outlives a function, but those of GLOBALS."""
    faults = []
    for archive in sorted(BUILD.glob("lib*.a")):
        code, out = run("nm", "-A", "-f", "sysv", archive)
        if code != 0:
            return 1, out
        for line in out.splitlines():
            name, *columns = [column.strip() for column in line.split("|")]
            if len(columns) != 6 or not re.match(r"\.(data|bss)(?!\.rel\.ro)", columns[5]):
                continue  # .data.rel.ro is const: a table with pointers in it
            module, name = re.search(r":([\w-]+)\.o:(\S+)$", name).groups()
            if module not in GLOBALS:
                faults.append(f"{module}.c: {name} is a global variable")
    return int(bool(faults)), "\n".join(faults)


def lint_shell():
    """The shell scripts parse (dash) and name the right Python everywhere."""
    for name in listed("*.sh", ".ci/run"):
        code, out = run("sh", "-n", name)
        if code != 0:
            return 1, out
    wrong = [name for name in listed("*.py", "tests/run", "bench/*")
             if open(name, errors="replace").readline().startswith("#!/usr/bin/env python")]
    return int(bool(wrong)), "".join(f"{name}: wants #!/usr/bin/python3\n" for name in wrong)


CHECKS = {name[5:]: function for name, function in globals().items() if name.startswith("lint_")}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"usage: tests/lint.py {'|'.join(CHECKS)}")
    code, out = CHECKS[sys.argv[1]]()
    print(out.rstrip() or f"{sys.argv[1]}: clean")
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
