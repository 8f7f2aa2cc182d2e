"""Keeps docs/HOUSE_STYLE.md and docs/ARCHITECTURE.md honest: what they say is checked here."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from operations.types import Operation

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs" / "ARCHITECTURE.md"
FOLDERS = (
    "cioapp",
    "operations",
    "workspaces",
    "people",
    "objects",
    "relationships",
    "data_in",
    "data_out",
    "tests",
)
LINES_MAX = 400
FUNCTION_LINES_MAX = 50
BANNED_FILES = frozenset({"utils.py", "helpers.py", "common.py", "services.py", "misc.py"})
BANNED_NAMES = frozenset(
    {"qs", "obj", "objs", "rel", "rels", "cfg", "mgr", "attr", "attrs", "utils", "tmp", "ctx"}
    | {"object", "params", "msg", "idx", "num", "cnt"}
)
DICTATED_NAMES = frozenset({"obj", "attrs", "qs", "params"})
UNWANTED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|\.\./shared\b")


def python_files() -> list[Path]:
    """List the files that people write; migrations are made."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def application_files() -> list[Path]:
    return [path for path in python_files() if not path.is_relative_to(ROOT / "tests")]


def named(paths: Iterator[Path] | list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_files_have_400_lines_at_most() -> None:
    long = [path for path in python_files() if len(path.read_text().splitlines()) > LINES_MAX]
    assert not long, f"split by meaning: {', '.join(named(long))}"


def test_functions_have_50_lines_at_most() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in application_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not long, ", ".join(long)


def test_modules_begin_with_one_sentence() -> None:
    wrong = []
    for path in application_files():
        text = path.read_text()
        if not text.strip():
            continue
        docstring = ast.get_docstring(ast.parse(text)) or ""
        first = docstring.split("\n\n")[0]
        if not first.endswith((".", "?")):
            wrong.append(path)
    assert not wrong, ", ".join(named(wrong))


def test_models_say_what_a_row_is() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in application_files()
        if path.name == "models.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert not silent, ", ".join(silent)


def test_files_are_named_after_what_they_hold() -> None:
    wrong = [path for path in python_files() if path.name in BANNED_FILES]
    assert not wrong, ", ".join(named(wrong))


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """List every variable and argument; attributes of classes are not variables."""
    fields = {
        id(statement.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    } | {
        id(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if id(node) not in fields:
                yield node.id, node.lineno
        elif isinstance(node, ast.FunctionDef):
            yield from _arguments(node)


def _arguments(node: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """List the arguments, except those that a method of Django or django-filter dictates."""
    is_override = bool(node.args.args) and node.args.args[0].arg in {"self", "cls"}
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for argument in arguments:
        if not (is_override and argument.arg in DICTATED_NAMES):
            yield argument.arg, node.lineno


def test_names_are_words() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in application_files()
        for name, line in bound_names(ast.parse(path.read_text()))
        if name in BANNED_NAMES
    ]
    assert not wrong, ", ".join(wrong)


def test_the_check_of_names_sees_a_planted_one() -> None:
    planted = "def find(qs):\n    for obj in qs:\n        attrs = obj.attributes\n"
    assert [name for name, _ in bound_names(ast.parse(planted)) if name in BANNED_NAMES] == [
        "qs",
        "obj",
        "attrs",
    ]


def tracked_files() -> list[Path]:
    """List the files of the repository that git knows or would take."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_nothing_is_left_to_do_and_nothing_points_outside() -> None:
    texts = {".py", ".md", ".toml", ".html", ".js", ".css"}
    # These three speak of the words and of the real data beside the repository.
    allowed = {
        Path(__file__),
        ROOT / "tests" / "conftest.py",
        ROOT / "docs" / "HOUSE_STYLE.md",
    }
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in texts and path not in allowed
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if UNWANTED.search(line)
    ]
    assert not found, ", ".join(found)


def test_the_architecture_names_every_operation() -> None:
    assert ARCHITECTURE.exists(), "docs/ARCHITECTURE.md is missing"
    text = ARCHITECTURE.read_text()
    missing = [one.__name__ for one in get_args(Operation) if f"`{one.__name__}`" not in text]
    assert not missing, ", ".join(missing)


def test_the_architecture_names_every_app_and_engine_file() -> None:
    text = ARCHITECTURE.read_text()
    apps = [folder for folder in FOLDERS if folder not in text]
    engine = [
        path.name
        for path in sorted((ROOT / "operations" / "engine").glob("*.py"))
        if path.stem != "__init__" and path.stem not in text
    ]
    assert not apps + engine, ", ".join(apps + engine)


def test_the_readme_names_every_setting() -> None:
    """Settings come from the environment under names that start with CIO_."""
    settings = (ROOT / "cioapp" / "settings.py").read_text()
    names = sorted(set(re.findall(r"\"(CIO_[A-Z_]+)\"", settings)))
    documents = (ROOT / "README.md").read_text() + "".join(
        path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))
    )
    assert names
    missing = [name for name in names if name not in documents]
    assert not missing, ", ".join(missing)
