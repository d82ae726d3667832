"""Whether the pinned machine image is one that the hosts can run on. Pure."""

from datetime import datetime, timedelta

from scripts.aws.account_model import MachineImage
from scripts.bootstrap.finding import Finding, Status

MATTER = "machine image"
# AWS publishes a new one every few weeks; a quarter without one misses driver and kernel fixes. Our own choice.
OLD_DAYS = 90
# How AWS names the ECS-optimized Amazon Linux 2023 GPU images (Amazon ECS Developer Guide, "Linux AMIs").
_NAME = "al2023-ami-ecs-gpu-hvm-"
_NEWEST = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


def judged(found: MachineImage | None, image_id: str, region: str, now: datetime) -> Finding:
    if found is None:
        return Finding(MATTER, Status.WRONG, f"{image_id} does not exist in {region}", newest(region))
    if found.architecture != "x86_64":
        says = f"{image_id} is for {found.architecture}; g5 hosts are x86_64"
        return Finding(MATTER, Status.WRONG, says, newest(region))
    if not found.name.startswith(_NAME) or found.owner_alias != "amazon":
        owner = "Amazon" if found.owner_alias == "amazon" else "somebody else than Amazon"
        says = f"{image_id} is {found.name!r} of {owner}, not one of Amazon's {_NAME}…"
        return Finding(MATTER, Status.WRONG, says, newest(region))
    return _aged(found, region, now)


def newest(region: str) -> str:
    return f"aws ssm get-parameter --region {region} --query Parameter.Value --name {_NEWEST}"


def _aged(found: MachineImage, region: str, now: datetime) -> Finding:
    says = f"{found.image_id}, {found.name}, {(now - found.created_at).days} days old"
    if found.deprecated_at and found.deprecated_at <= now:
        return Finding(MATTER, Status.WARNING, f"{says}, deprecated by AWS: pin a newer one", newest(region))
    if now - found.created_at > timedelta(days=OLD_DAYS):
        return Finding(MATTER, Status.WARNING, f"{says}: look for a newer one", newest(region))
    return Finding(MATTER, Status.OK, says)
