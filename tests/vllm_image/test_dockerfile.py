"""The image: no moving base, no root, our command in place of vLLM's."""

import ast
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "vllm_image"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()


def test_the_base_image_has_no_default() -> None:
    assert re.search(r"^ARG VLLM_IMAGE\nFROM \$\{VLLM_IMAGE\}$", DOCKERFILE, re.MULTILINE)
    assert not re.search(r"sha256:[0-9a-f]{8}", DOCKERFILE)


def test_a_base_image_without_digest_stops_the_build() -> None:
    assert "*@sha256:*" in DOCKERFILE and "exit 1" in DOCKERFILE


def test_the_container_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["2000:0"]


def test_launch_is_the_command_and_vllms_entrypoint_is_gone() -> None:
    assert re.search(r'^ENTRYPOINT \[\]\nCMD \["python3", "launch\.py"\]$', DOCKERFILE, re.MULTILINE)


def test_the_folder_keeps_the_name_of_its_package() -> None:
    assert re.search(rf"^WORKDIR \S+/{FOLDER.name}$", DOCKERFILE, re.MULTILINE)


def test_the_container_imports_nothing_but_itself_and_the_standard_library() -> None:
    imported = {
        name.partition(".")[0]
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"vllm_image"}
