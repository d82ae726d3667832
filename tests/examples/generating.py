"""Makes the BAML client anew, as a person would."""

import subprocess
import sys
from pathlib import Path


def generate(baml_src: Path) -> None:
    """Into the folder beside `baml_src`."""
    command = Path(sys.executable).with_name("baml-cli")
    subprocess.run([sys.executable, command, "generate", "--from", baml_src], check=True, capture_output=True)
