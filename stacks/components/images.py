"""The image repositories of both parts: immutable tags, scanned, the last ten releases kept.

A rollback needs the image of the release before; what is deployed is always a digest. Builds expire by no rule: only
the tag `release-…` tells which of them may still run, and whoever pushes decides about it.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.naming import Names, Part

KEPT_RELEASES = 10


@dataclass(frozen=True)
class ImagesArgs:
    names: Names


class Images(pulumi.ComponentResource):
    """One repository a part."""

    repositories: dict[Part, aws.ecr.Repository]

    def __init__(self, name: str, args: ImagesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Images", name, {}, opts)
        self._stem, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.repositories = {part: self._repository(part) for part in Part}
        self.register_outputs({"urls": {part.value: made.repository_url for part, made in self.repositories.items()}})

    def _repository(self, part: Part) -> aws.ecr.Repository:
        made = aws.ecr.Repository(
            f"{self._stem}-{part}",
            name=self._args.names.repository(part),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            force_delete=False,
            opts=self._child,
        )
        aws.ecr.LifecyclePolicy(
            f"{self._stem}-{part}-lifecycle", repository=made.name, policy=lifecycle(), opts=self._child
        )
        return made


def lifecycle() -> str:
    """A build that no tag marks as released may be the one that runs, so nothing expires it."""
    return json.dumps({"rules": [_keep(1, "release-", KEPT_RELEASES)]})


def _keep(priority: int, prefix: str, count: int) -> dict[str, object]:
    selection = {
        "tagStatus": "tagged",
        "tagPrefixList": [prefix],
        "countType": "imageCountMoreThan",
        "countNumber": count,
    }
    what = f"keep the last {count} images tagged {prefix}"
    return {"rulePriority": priority, "description": what, "selection": selection, "action": {"type": "expire"}}
