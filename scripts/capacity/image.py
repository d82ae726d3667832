"""The machine image of the GPU hosts: the one that is pinned beside the newest that AWS recommends. Pure.

AWS states the NVIDIA driver neither in the parameter nor in DescribeImages (its description is only "Amazon Linux
AMI <version> x86_64 ECS HVM EBS"), but in the release notes of the repository aws/amazon-ecs-ami, one tag a date.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scripts.aws.account_model import MachineImage
from scripts.aws.gpu_image import GpuImage

_DATE = re.compile(r"\.(\d{8})\b")


@dataclass(frozen=True)
class ImageReport:
    """`pinned` is None where nothing is pinned, or EC2 does not know it (any more)."""

    environment: str
    newest: GpuImage
    pinned_id: str
    pinned: MachineImage | None
    now: datetime

    @property
    def is_newest(self) -> bool:
        return self.pinned_id == self.newest.image_id

    @property
    def pin(self) -> str:
        """The line that takes the newest."""
        return f"pulumi config set gpuAmiId {self.newest.image_id} --stack {self.environment}"

    @property
    def text(self) -> str:
        newest = self.newest
        lines = [
            f"newest  {newest.image_id}  {newest.name}",
            f"        ECS agent {newest.agent}, {newest.docker}, built from {newest.source}",
            f"        NVIDIA driver: not stated by AWS's API; {_notes(newest.name)}",
            f"pinned  {self._pinned()}",
        ]
        if self.pinned is not None and not self.is_newest:
            lines.append(f"        NVIDIA driver: {_notes(self.pinned.name)}")
        return "\n".join(lines)

    @property
    def body(self) -> dict[str, Any]:
        deprecated = self.pinned.deprecated_at if self.pinned else None
        return {
            "environment": self.environment,
            "newest": vars(self.newest),
            "pinned": self.pinned_id or None,
            "pinned_name": self.pinned.name if self.pinned else None,
            "pinned_age_days": self._age_days(),
            "pinned_deprecated_at": deprecated.isoformat() if deprecated else None,
            "is_newest": self.is_newest,
            "next_command": None if self.is_newest else self.pin,
        }

    def _pinned(self) -> str:
        if not self.pinned_id:
            return "nothing: the manifest names no image"
        if self.pinned is None:
            return f"{self.pinned_id}: EC2 does not know it in this region, hosts cannot start"
        gone = self.pinned.deprecated_at
        end = f", deprecated from {gone:%Y-%m-%d}" if gone else ""
        state = "the newest" if self.is_newest else self.pinned.name
        return f"{self.pinned_id}  {state}, {self._age_days()} days old{end}"

    def _age_days(self) -> int | None:
        return (self.now - self.pinned.created_at).days if self.pinned else None


def _notes(name: str) -> str:
    """Where the driver is written down. Names end in `2023.0.<date>-kernel-…`."""
    date = _DATE.search(name)
    return f"see the release notes of aws/amazon-ecs-ami{f', tag {date[1]}' if date else ''}"
