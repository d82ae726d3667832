"""Images in the registry: whether a digest is there, and for which machines it was built."""

import json

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Image
from scripts.errors import AwsFailed

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")


def image(clients: Clients, repository_url: str, digest: str) -> Image | None:
    """None where the registry does not have it."""
    repository = repository_url.split("/", 1)[-1]
    wanted = [{"imageDigest": digest}]
    try:
        with translated("ecr", "DescribeImages"):
            clients.read("ecr").describe_images(repositoryName=repository, imageIds=wanted)
    except AwsFailed as error:
        if error.code in _ABSENT:
            return None
        raise
    with translated("ecr", "BatchGetImage"):
        found = clients.read("ecr").batch_get_image(
            repositoryName=repository, imageIds=wanted, acceptedMediaTypes=[*_INDEXES, *_MANIFESTS]
        )
    manifests = [entry["imageManifest"] for entry in found["images"]]
    return Image(digest, _platforms(manifests[0]) if manifests else None)


def _platforms(manifest: str) -> tuple[str, ...] | None:
    """Only an index states platforms; a plain manifest keeps them in a blob that we may not read."""
    entries = json.loads(manifest).get("manifests", ())
    found = [entry["platform"] for entry in entries if "platform" in entry]
    return tuple(f"{platform['os']}/{platform['architecture']}" for platform in found) or None
