"""The web page and the package @daybook/react are what their sources say.

Both are built once from a copy of the sources alone, with every tool installed from the lock file,
as in a fresh clone; what came of it is compared with what is committed.
"""
# runner: limit 900
import filecmp
import gzip
import json
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WEB = ROOT / "web"
PAGE_BYTES = 250_000     # gzipped, all of it
PACKAGE_BYTES = 8 * 1024  # gzipped, hook, component and style sheet
TYPES = "src/client/schema.d.ts"
# Addresses in the page's scripts that are names or texts, not requests.
HARMLESS = ("http://www.w3.org/", "https://react.dev/errors/")


def run(*command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


def node():
    code, out, err = run("sh", ROOT / "etc/node.sh", cwd=ROOT)
    assert code == 0, err
    return out.strip()


def gzipped(paths):
    return sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in paths)


def sources():
    code, out, err = run("git", "ls-files", "--cached", "--others", "--exclude-standard",
                         "web", "etc", "openapi.yaml", "LICENSE", cwd=ROOT)
    assert code == 0, err
    return [name for name in out.splitlines()
            if (ROOT / name).is_file() and not name.startswith("web/dist/")]


@pytest.fixture(scope="module", name="built")
def fixture_built(tmp_path_factory):
    """web/ of a fresh clone after `make web` and the making of the package."""
    clone = tmp_path_factory.mktemp("clone")
    for name in sources():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    for script in ("build.sh", "package.sh"):
        code, out, err = run("sh", f"web/{script}", cwd=clone)
        assert code == 0, out + err
    return clone / "web"


def differences(left, right):
    seen = filecmp.dircmp(left, right)
    return seen.left_only + seen.right_only + seen.diff_files + seen.funny_files + [
        f"{name}/{one}" for name in seen.common_dirs
        for one in differences(left / name, right / name)]


def test_the_lock_file_names_no_address():
    text = (WEB / "package-lock.json").read_text()
    assert "resolved" not in text and "registry" not in text


def test_versions_are_exact():
    told = json.loads((WEB / "package.json").read_text())
    assert "dependencies" not in told
    assert [name for name, version in told["devDependencies"].items()
            if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_the_committed_page_is_what_the_sources_give(built):
    assert differences(WEB / "dist", built / "dist") == [], "make web, and commit web/dist"


def test_the_committed_types_are_what_openapi_gives(built):
    assert (WEB / TYPES).read_bytes() == (built / TYPES).read_bytes(), "make web, and commit it"


def test_the_page_is_small(built):
    size = gzipped(path for path in (built / "dist").rglob("*") if path.suffix in (".js", ".css"))
    print(f"the page: {size} bytes gzipped")
    assert size < PAGE_BYTES


def test_the_page_has_nothing_inline_and_asks_nobody_else(built):
    html = (built / "dist/index.html").read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html) == []
    for path in (built / "dist").rglob("*.*"):
        said = re.findall(r"https?://[^\s\"'`)\\]*", path.read_text())
        assert [url for url in said if not url.startswith(HARMLESS)] == [], path.name


def test_the_package_is_small(built):
    size = gzipped([built / "package/index.js", built / "package/style.css"])
    print(f"the package: {size} bytes gzipped")
    assert size < PACKAGE_BYTES


def test_the_package_needs_react_alone(built):
    module = (built / "package/index.js").read_text()
    assert set(re.findall(r'from"([^"]+)"', module)) == {"react", "react/jsx-runtime"}


def test_the_package_holds_what_it_should(built):
    code, out, err = run("npm", "pack", "--dry-run", "--json", "--ignore-scripts", cwd=built)
    assert code == 0, err
    files = {one["path"] for one in json.loads(out)[0]["files"]}
    assert {"README.md", "package.json", "package/LICENSE", "package/index.js",
            "package/style.css", "package/types/job/index.d.ts",
            "package/types/client/schema.d.ts"} <= files
    assert [name for name in files
            if not name.startswith("package/") and name not in ("README.md", "package.json")] == []


def compiled(built, name, source):
    """What the compiler says about a file that uses the package by its name."""
    folder = built / "examples"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.tsx").write_text(source)
    (folder / "tsconfig.json").write_text(json.dumps(
        {"extends": "../tsconfig.json", "files": [f"{name}.tsx"], "include": []}))
    return run(node(), "../node_modules/typescript/bin/tsc", "-p", ".", cwd=folder)


def examples():
    return re.findall(r"^```tsx\n(.*?)^```$", (WEB / "README.md").read_text(), re.M | re.S)


def test_the_examples_of_its_readme_compile(built):
    assert len(examples()) == 3
    for i, example in enumerate(examples()):
        code, out, _ = compiled(built, f"example{i}", example)
        assert code == 0, out


def test_an_example_with_a_mistake_does_not_compile(built):
    wrong = examples()[0].replace("jobId={jobId}", "job={jobId}")
    code, out, _ = compiled(built, "wrong", wrong)
    assert code != 0 and "TS2322" in out


def test_the_package_runs_where_there_is_no_window(built):
    (built / "server.mjs").write_text("""
        import { createElement } from "react";
        import { renderToString } from "react-dom/server";
        import { JobProgress } from "@daybook/react";
        console.log(renderToString(createElement(JobProgress, { jobId: "job_1" })));
    """)
    code, out, err = run(node(), "server.mjs", cwd=built)
    assert code == 0, err
    assert "Job queued" in out
