"""The pinned image beside the newest."""

from datetime import UTC, datetime

from scripts.aws.account_model import MachineImage
from scripts.aws.gpu_image import GpuImage
from scripts.capacity.image import ImageReport

NAME = "al2023-ami-ecs-gpu-hvm-2023.0.{}-kernel-6.1-x86_64-ebs"
NEWEST = GpuImage("ami-2", NAME.format("20261113"), "2023.0.20261113", "1.108.3", "Docker version 25.0.18", "minimal")
OLD = MachineImage(
    "ami-1",
    NAME.format("20260708"),
    "x86_64",
    "amazon",
    datetime(2026, 7, 8, tzinfo=UTC),
    datetime(2028, 7, 8, tzinfo=UTC),
)


def report(pinned_id: str, pinned: MachineImage | None) -> ImageReport:
    return ImageReport("staging", NEWEST, pinned_id, pinned, datetime(2026, 11, 25, tzinfo=UTC))


def test_an_older_image_comes_with_its_age_and_the_line_that_replaces_it() -> None:
    found = report("ami-1", OLD)
    assert "140 days old, deprecated from 2028-07-08" in found.text
    assert found.pin == "pulumi config set gpuAmiId ami-2 --stack staging"
    assert found.body["next_command"] == found.pin


def test_the_newest_needs_no_line() -> None:
    found = report("ami-2", OLD)
    assert found.is_newest
    assert found.body["next_command"] is None


def test_the_driver_is_never_guessed_but_its_source_is_named() -> None:
    text = report("ami-1", OLD).text
    assert "not stated by AWS's API; see the release notes of aws/amazon-ecs-ami, tag 20261113" in text
    assert "tag 20260708" in text


def test_an_image_that_ec2_does_not_know_and_none_at_all_are_told_apart() -> None:
    assert "hosts cannot start" in report("ami-9", None).text
    assert "nothing" in report("", None).text
