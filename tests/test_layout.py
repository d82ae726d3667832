"""The shape of the repository: who imports whom, how large things are, what nothing is called."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("stacks", "scripts", "rehearsal", "vllm_image", "app_image", "examples", "benchmarks", "tests")
GENERATED = "baml_client"
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
PULUMI_CONSTRUCTOR = 80
FORBIDDEN_NAMES = ("utils", "helpers", "common", "misc")


def sources(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if GENERATED not in path.parts)


@dataclass(frozen=True)
class Source:
    """What is asked of one file."""

    lines: int
    imports: frozenset[str]
    functions: tuple[tuple[str, int], ...]  # name, lines


@cache
def read(path: Path) -> Source:
    """Once for all questions: parsing every file costs seconds."""
    text = path.read_text()
    imports: set[str] = set()
    functions = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append((node.name, (node.end_lineno or node.lineno) - node.lineno + 1))
        elif isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return Source(text.count("\n"), frozenset(imports), tuple(functions))


def importers_of(module: str, *folders: str) -> set[str]:
    def inside(name: str) -> bool:
        return name == module or name.startswith(module + ".")

    return {str(p.relative_to(ROOT)) for p in sources(*folders) if any(map(inside, read(p).imports))}


@pytest.mark.parametrize("folder", ["app_image", "vllm_image"])
@pytest.mark.parametrize("module", ["stacks", "scripts", "rehearsal"])
def test_what_goes_into_a_container_imports_nothing_of_the_rest(folder: str, module: str) -> None:
    assert importers_of(module, folder) == set()


@pytest.mark.parametrize("module", ["stacks", "scripts", "rehearsal", "gateway", "vllm_image"])
def test_an_example_can_be_copied_out_of_the_repository(module: str) -> None:
    assert importers_of(module, "examples") == set()


def test_scripts_read_no_component() -> None:
    assert importers_of("stacks.components", "scripts") == set()
    assert importers_of("pulumi", "scripts") == set()


def test_stacks_import_neither_scripts_nor_the_rehearsal() -> None:
    assert importers_of("scripts", "stacks") | importers_of("rehearsal", "stacks") == set()


def test_only_the_rehearsals_tasks_import_the_rehearsal() -> None:
    assert importers_of("rehearsal", "scripts") == {"scripts/tasks/rehearsal.py"}


def test_importing_the_tasks_loads_neither_pulumi_nor_moto_nor_the_rehearsal() -> None:
    code = "import scripts, sys; print(sorted({'pulumi', 'moto', 'rehearsal'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "[]"


def test_importing_the_tasks_loads_nothing_that_a_task_loads_when_it_runs() -> None:
    slow = {"botocore", "boto3", "urllib3", "stacks.schema", "stacks.manifest", "scripts.environment"}
    code = f"import scripts, sys; print(sorted({slow} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "[]"


def test_asking_what_an_environment_declares_and_costs_loads_no_pulumi_here() -> None:
    code = "import scripts.cost.estimate, scripts.cost.page, sys; print('pulumi' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "False"


def test_no_file_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): read(path).lines for path in sources(*PACKAGES)}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    found = [
        (str(path.relative_to(ROOT)), *function) for path in sources(*PACKAGES) for function in read(path).functions
    ]
    assert len(found) > 1000
    assert [one for one in found if one[2] > (PULUMI_CONSTRUCTOR if one[1] == "__init__" else LONGEST_FUNCTION)] == []


def test_nothing_is_named_for_being_leftover() -> None:
    assert [path for path in sources(*PACKAGES) if path.stem in FORBIDDEN_NAMES] == []


def test_the_locks_record_no_address() -> None:
    locks = [ROOT / "requirements.lock", *ROOT.glob("*/requirements.lock"), *ROOT.glob("benchmarks/*/*.lock")]
    assert [lock for lock in locks if "://" in lock.read_text()] == []
