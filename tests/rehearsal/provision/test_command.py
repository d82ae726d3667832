"""The command: one sentence and exit code 1 when it cannot, a result only when it could."""

from pathlib import Path

import pytest

from tests.rehearsal.provision.conftest import provision

pytestmark = pytest.mark.slow
NOBODY = "http://127.0.0.1:1"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def test_settings_that_cannot_work_are_told_before_anything_is_made(endpoint: str, tmp_path: Path) -> None:
    ran, result = provision(endpoint, {"certificateArn": CERTIFICATE, "keepAliveSeconds": 1, "typo": 1}, tmp_path)
    assert ran.returncode == 1
    assert "keepAliveSeconds 1" in ran.stderr and "typo: no such setting" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not result.exists()


def test_an_aws_that_fails_the_program_leaves_no_result(tmp_path: Path) -> None:
    overrides = {"certificateArn": CERTIFICATE, "openaiBaseUrl": "http://127.0.0.1:1/v1", "gpuAmiId": "ami-01234567"}
    ran, result = provision(NOBODY, overrides, tmp_path)
    assert ran.returncode == 1
    assert "EndpointConnectionError" in ran.stderr
    assert ran.stderr.rstrip().endswith("the cause is above")
    assert not result.exists()
