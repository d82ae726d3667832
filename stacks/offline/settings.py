"""The flat configuration that the engine would hand to the program: defaults, the environment's file, overrides.

The Pulumi SDK's mocks ignore the defaults of `Pulumi.yaml`, so they are merged here, the way the engine does it.
What a value means is not judged here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import stacks
from stacks.errors import UnreadableSettings

try:
    # libyaml's, which reads twenty times as fast; PyYAML has it wherever it was built with it.
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

PROJECT = "switchyard"
REPOSITORY = Path(stacks.__file__).resolve().parents[1]


def merged(environment: str, overrides: Mapping[str, Any], repository: Path = REPOSITORY) -> dict[str, str]:
    """Every setting as the program reads it: text, lists as JSON."""
    project = _mapping(repository / "Pulumi.yaml")
    defaults = {
        _qualified(key): entry["default"]
        for key, entry in project.get("config", {}).items()
        if isinstance(entry, dict) and "default" in entry
    }
    chosen = _chosen(environment, repository)
    given = {_qualified(key): value for key, value in overrides.items()}
    return {key: _text(value) for key, value in {**defaults, **chosen, **given}.items()}


def secret_keys(repository: Path = REPOSITORY) -> list[str]:
    """The settings that `Pulumi.yaml` declares as secrets."""
    declared = _mapping(repository / "Pulumi.yaml").get("config", {})
    return [_qualified(key) for key, entry in declared.items() if isinstance(entry, dict) and entry.get("secret")]


def encrypted_keys(environment: str, repository: Path = REPOSITORY) -> list[str]:
    """The settings that an environment's file holds encrypted: `{secure: …}` instead of a value."""
    chosen = _chosen(environment, repository)
    return [_qualified(key) for key, value in chosen.items() if isinstance(value, dict) and "secure" in value]


def _chosen(environment: str, repository: Path) -> dict[str, Any]:
    folder = _mapping(repository / "Pulumi.yaml").get("stackConfigDir", ".")
    return _mapping(repository / folder / f"Pulumi.{environment}.yaml").get("config") or {}


def _qualified(key: str) -> str:
    return key if ":" in key else f"{PROJECT}:{key}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _mapping(file: Path) -> dict[str, Any]:
    try:
        found = yaml.load(file.read_text(), Loader=SafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise UnreadableSettings(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableSettings(f"{file}: expected a mapping, found {type(found).__name__}")
    return found
