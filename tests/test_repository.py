"""What must hold for the repository as it is committed."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.validation import page

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 6_000_000  # bytes of a file that is not data
LOCKS = {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"}  # they name the hosts of registries


def _listed() -> list[Path]:
    # The checkout of a build machine may belong to another user than the one who tests.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


FILES = _listed()
TEXTS = [path for path in FILES if b"\0" not in path.read_bytes()[:4096]]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_there_is_no_lock_file_that_names_hosts() -> None:
    assert [path.name for path in FILES if path.name in LOCKS] == []


def test_constraints_are_exact_versions_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


@pytest.mark.parametrize(
    "requirement",
    PROJECT["dependencies"] + [one for extra in PROJECT["optional-dependencies"].values() for one in extra],
)
def test_every_dependency_is_pinned_and_has_a_reason(requirement: str) -> None:
    name = re.split(r"[\[<>=!~; ]", requirement)[0]
    assert _normal(name) in {_normal(pinned) for pinned in PINNED}
    line = next(
        line
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if f'"{requirement}"' in line
    )
    assert re.search(r'",\s+# \S', line)


def test_no_file_but_data_is_large() -> None:
    large = [path for path in FILES if path.stat().st_size > LARGEST and "data" not in path.relative_to(ROOT).parts]
    assert large == []


def test_every_folder_of_test_data_says_source_and_licence() -> None:
    for folder in {path.parent for path in FILES if path.is_relative_to(ROOT / "tests" / "data")}:
        readme = folder / "README.md"
        assert readme.is_file(), f"{folder.relative_to(ROOT)} needs a README.md with source and licence"
        text = readme.read_text(encoding="utf-8").lower()
        assert "source" in text, readme
        assert "licence" in text, readme


def test_no_text_names_a_folder_of_one_computer() -> None:
    machine = re.compile(r"/(?:work|root|home|Users)/[A-Za-z0-9]")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if machine.search(line)
    ]
    assert found == []


def test_no_text_has_unfinished_marks() -> None:
    mark = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEXTS
        if path.suffix in {".py", ".toml", ".html", ".css", ".typ", ".sh"}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if mark.search(line)
    ]
    assert found == []


def test_the_licence_is_the_one_that_the_project_file_names() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]


def test_ci_calls_only_make_test() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec make test"
    assert "set -euo pipefail" in lines


def test_every_make_target_of_the_developers_loop_is_listed() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("install", "demo", "run", "test", "check", "bench", "format"):
        assert f"make {target} " in listed


def test_the_glossary_is_the_one_that_make_docs_writes() -> None:
    text = page.GLOSSARY.read_text(encoding="utf-8")
    assert text == page.glossary(text), "run make docs"
