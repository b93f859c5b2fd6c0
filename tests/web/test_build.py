"""The web page and the package @daybook/react are what their sources say.

Both are built once from a copy of the sources alone; what came of it is compared with what is
committed, and the package is used as one that installed it would: packed, by its name, with each
React that it is for.
"""
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
PAGE_BYTES = 250_000  # gzipped: all scripts and style sheets
PACKAGE_BYTES = 8_000  # gzipped: hook and component
TYPES = "src/client/schema.d.ts"
# Addresses in the page's scripts that are names or texts, not requests.
HARMLESS = ("http://www.w3.org/", "https://react.dev/errors/")


def run(*command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


def npm_of(node):
    """The npm that etc/node.sh brought with a node of its own, or the machine's."""
    brought = pathlib.Path(node).parent.parent.parent / "npm/bin/npm-cli.js"
    return brought if brought.is_file() else pathlib.Path(shutil.which("npm")).resolve()


def gzipped(paths):
    return sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in paths)


def sources():
    code, out, err = run("git", "ls-files", "--cached", "--others", "--exclude-standard",
                         "web", "etc", "openapi.yaml", "LICENSE", cwd=ROOT)
    assert code == 0, err
    return [name for name in out.splitlines()
            if (ROOT / name).is_file() and not name.startswith("web/dist/")]


@pytest.fixture(scope="session", name="node")
def fixture_node():
    code, out, err = run("sh", "web/modules.sh", cwd=ROOT)
    assert code == 0, err
    return out.strip()


@pytest.fixture(scope="session", name="built")
def fixture_built(tmp_path_factory, node):
    """web/ of a fresh clone after `make web` and the making of the package."""
    assert node
    clone = tmp_path_factory.mktemp("clone")
    for name in sources():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    (clone / "web/node_modules").symlink_to(WEB / "node_modules")
    (clone / "build").mkdir()
    if (ROOT / "build/node").is_dir():
        (clone / "build/node").symlink_to(ROOT / "build/node")
    for script in ("build.sh", "package.sh"):
        code, out, err = run("sh", f"web/{script}", cwd=clone)
        assert code == 0, out + err
    return clone / "web"


@pytest.fixture(scope="session", name="packed")
def fixture_packed(node, built, tmp_path_factory):
    """What `npm pack` makes, unpacked, and what npm says is in it."""
    folder = tmp_path_factory.mktemp("packed")
    code, out, err = run(node, npm_of(node), "pack", "--json", "--ignore-scripts",
                         "--pack-destination", folder, cwd=built)
    assert code == 0, err
    told = json.loads(out)[0]
    archive = next(folder.glob("*.tgz"))
    shutil.unpack_archive(archive, folder, "gztar")
    return folder / "package", {one["path"] for one in told["files"]}


@pytest.fixture(scope="session", name="reacts")
def fixture_reacts(node, tmp_path_factory):
    """Where each React that the package is for is installed, by its version."""
    folder = tmp_path_factory.mktemp("react18")
    shutil.copytree(ROOT / "tests/web/react18", folder, dirs_exist_ok=True)
    code, out, err = run(node, npm_of(node), "ci", "--ignore-scripts", "--prefer-offline",
                         cwd=folder)
    assert code == 0, out + err
    return {"18": folder / "node_modules", "19": WEB / "node_modules"}


@pytest.fixture(name="consumer", params=("19", "18"))
def fixture_consumer(request, packed, reacts, tmp_path):
    """A project that has installed the package, beside React and its types."""
    modules = tmp_path / "node_modules"
    for name in ("react", "react-dom", "scheduler", "@types/react", "csstype", "@types/prop-types",
                 "loose-envify", "js-tokens"):
        if (reacts[request.param] / name).is_dir():
            shutil.copytree(reacts[request.param] / name, modules / name)
    shutil.copytree(packed[0], modules / "@daybook/react")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    version = json.loads((modules / "react/package.json").read_text())["version"]
    assert version.split(".")[0] == request.param
    return tmp_path


def differences(left, right):
    seen = filecmp.dircmp(left, right)
    return seen.left_only + seen.right_only + seen.diff_files + seen.funny_files + [
        f"{name}/{one}" for name in seen.common_dirs
        for one in differences(left / name, right / name)]


@pytest.mark.parametrize("folder", ("web", "tests/web/react18"))
def test_the_lock_file_names_no_registry(folder):
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    installed = {name: told for name, told in packages.items() if name}
    assert installed and all("integrity" in told for told in installed.values())
    assert [name for name, told in installed.items() if "resolved" in told] == []


def test_versions_are_exact_and_nothing_but_react_is_needed():
    told = json.loads((WEB / "package.json").read_text())
    assert "dependencies" not in told and set(told["peerDependencies"]) == {"react"}
    assert [name for name, version in told["devDependencies"].items()
            if not re.fullmatch(r"(npm:(@types/)?[a-z-]+@)?\d+\.\d+\.\d+", version)] == []


def test_the_committed_page_is_what_the_sources_give(built):
    assert differences(WEB / "dist", built / "dist") == [], "make web, and commit web/dist"


def test_the_committed_types_are_what_openapi_gives(built):
    assert (WEB / TYPES).read_bytes() == (built / TYPES).read_bytes(), "make web, and commit it"


def test_the_page_is_small(built):
    size = gzipped(path for path in (built / "dist").rglob("*") if path.suffix in (".js", ".css"))
    print(f"the page: {size} bytes gzipped")
    assert 0 < size < PAGE_BYTES


def test_the_page_has_nothing_inline_and_asks_nobody_else(built):
    html = (built / "dist/index.html").read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", html) == []
    for path in (built / "dist").rglob("*.*"):
        said = re.findall(r"https?://[^\s\"'`)\\]*", path.read_text())
        assert [url for url in said if not url.startswith(HARMLESS)] == [], path.name


def test_the_package_is_small(built):
    size = gzipped([built / "package/index.js"])
    print(f"the package: {size} bytes gzipped")
    assert 0 < size < PACKAGE_BYTES


def test_the_package_imports_react_alone(built):
    module = (built / "package/index.js").read_text()
    said = re.findall(r'\bfrom\s*"([^"]+)"|\bimport\s*\(?"([^"]+)"', module)
    assert {name for pair in said for name in pair if name} == {"react", "react/jsx-runtime"}


def test_the_package_holds_what_it_should(packed):
    _, files = packed
    assert {"README.md", "package.json", "package/LICENSE", "package/index.js",
            "package/style.css", "package/types/job/index.d.ts",
            "package/types/client/schema.d.ts"} <= files
    assert [name for name in files
            if not name.startswith("package/") and name not in ("README.md", "package.json")] == []


def compiled(node, consumer, source, resolution):
    """What the compiler says of a file that uses the package, whose own types are checked too."""
    (consumer / "app.tsx").write_text(source)
    module = {"nodenext": "nodenext", "bundler": "esnext"}[resolution]
    (consumer / "tsconfig.json").write_text(json.dumps({"files": ["app.tsx"], "compilerOptions": {
        "strict": True, "noEmit": True, "jsx": "react-jsx", "target": "es2022", "module": module,
        "moduleResolution": resolution, "lib": ["es2022", "dom", "dom.iterable"], "types": []}}))
    return run(node, WEB / "node_modules/typescript/bin/tsc", "-p", ".", cwd=consumer)


def examples():
    return re.findall(r"^```tsx\n(.*?)^```$", (WEB / "README.md").read_text(), re.M | re.S)


@pytest.mark.parametrize("resolution", ("nodenext", "bundler"))
def test_the_examples_of_its_readme_compile(node, consumer, resolution):
    assert len(examples()) == 3
    for example in examples():
        code, out, _ = compiled(node, consumer, example, resolution)
        assert code == 0, out


def test_an_example_with_a_mistake_does_not_compile(node, consumer):
    wrong = examples()[0].replace("jobId={jobId}", "job={jobId}")
    code, out, _ = compiled(node, consumer, wrong, "nodenext")
    assert code != 0 and "TS2322" in out


def test_the_package_runs_where_there_is_no_window(node, consumer):
    (consumer / "server.mjs").write_text("""
        import { createElement } from "react";
        import { renderToString } from "react-dom/server";
        import { JobProgress } from "@daybook/react";
        console.log(renderToString(createElement(JobProgress, { jobId: "job_1", title: "May" })));
    """)
    code, out, err = run(node, "server.mjs", cwd=consumer)
    assert code == 0 and err == "", err
    assert "Job queued" in out and "May" in out
