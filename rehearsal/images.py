"""The images that the rehearsal's registry holds, and how a task of each behaves.

There are no container images on a laptop: a manifest stands for each, and its digest selects a behaviour.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from stacks.naming import Part

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Behaviour:
    """How a task of an image differs from a good one: variables added, or another command altogether."""

    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Image:
    """One image. `tag` is unique within its repository."""

    part: Part
    tag: str
    behaviour: Behaviour
    says: str
    architecture: str = "amd64"

    @property
    def manifest(self) -> str:
        inner = {"mediaType": _MANIFEST, "digest": _sha256(f"{self.part} {self.tag}"), "size": 0}
        platform = {"architecture": self.architecture, "os": "linux"}
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": [{**inner, "platform": platform}]}
        return json.dumps(index, sort_keys=True)

    @property
    def digest(self) -> str:
        return _sha256(self.manifest)


GOOD = Behaviour()
# A broken API image: the gateway refuses its settings and exits, as a real one with a bad default would.
_API_CRASHES = Behaviour(environment={"SWITCHYARD_API_KEYS": "{broken by this image"})
_API_NEVER_HEALTHY = Behaviour(command=("python", "-m", "rehearsal.deaf"))

CATALOGUE: tuple[Image, ...] = (
    Image(Part.API, "api-1", GOOD, "the API"),
    Image(Part.API, "api-2", GOOD, "the API, one change later"),
    Image(Part.API, "api-crashes", _API_CRASHES, "an API that exits on start"),
    Image(Part.API, "api-never-healthy", _API_NEVER_HEALTHY, "an API that never becomes ready"),
    Image(Part.API, "api-arm64", GOOD, "an API built for the wrong architecture", architecture="arm64"),
    Image(Part.VLLM, "vllm-1", GOOD, "vLLM"),
    Image(Part.VLLM, "vllm-2", GOOD, "vLLM, one version later"),
    Image(Part.VLLM, "vllm-crashes", Behaviour({"FAKE_VLLM": "crash=1"}), "a vLLM that exits on start"),
    Image(Part.VLLM, "vllm-never-healthy", Behaviour({"FAKE_VLLM": "never_ready=1"}), "a vLLM that never loads"),
    Image(Part.VLLM, "vllm-slow-start", Behaviour({"FAKE_VLLM": "start_seconds=20"}), "a vLLM that loads for 20 s"),
    Image(Part.VLLM, "vllm-wrong-model", Behaviour({"FAKE_VLLM": "wrong_model=other"}), "a vLLM with another model"),
)


def image(tag: str) -> Image:
    """The image with this tag; KeyError for one that is not in the catalogue."""
    return next(entry for entry in CATALOGUE if entry.tag == tag)


def behaviour_of(reference: str) -> Behaviour:
    """How a task of `repository@sha256:…` behaves; an unknown digest behaves well."""
    digest = reference.partition("@")[2]
    return next((entry.behaviour for entry in CATALOGUE if entry.digest == digest), GOOD)


def push_all(ecr: Any, repositories: dict[str, str]) -> None:
    """Put every manifest into the registry. `repositories` maps part to repository URL."""
    for entry in CATALOGUE:
        ecr.put_image(
            repositoryName=repositories[entry.part].partition("/")[2],
            imageManifest=entry.manifest,
            imageManifestMediaType=_INDEX,
            imageTag=f"release-{entry.tag}",
            imageDigest=entry.digest,
        )


def _sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
