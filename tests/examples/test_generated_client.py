"""The generated BAML client is the one that the .baml files and the locked BAML make."""

import shutil
from importlib.metadata import version
from pathlib import Path

from tests.examples.generating import generate

EXAMPLE = Path(__file__).parents[2] / "examples" / "resume_analyzer"
MEND = "run .venv/bin/baml-cli generate --from examples/resume_analyzer/baml_src"


def test_it_is_not_stale(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "baml_src", tmp_path / "baml_src")

    generate(tmp_path / "baml_src")

    assert sources(EXAMPLE / "baml_client") == sources(tmp_path / "baml_client"), MEND


def test_it_is_made_by_the_version_that_is_locked() -> None:
    generator = (EXAMPLE / "baml_src" / "generators.baml").read_text()
    assert f'version "{version("baml-py")}"' in generator, f"set it in generators.baml, then {MEND}"


def sources(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.py")}
