"""What is read faster must be what the SDK reads."""

from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from scripts.aws.service_models import read_fast

# Of each kind of file that a client is made from.
FILES = [
    ("dynamodb", "service-2"),
    ("elbv2", "endpoint-rule-set-1"),
    ("ecs", "paginators-1"),
    ("autoscaling", "service-2"),
]


@pytest.mark.parametrize(("service", "kind"), FILES)
def test_a_model_is_the_sdks_own(service: str, kind: str) -> None:
    assert read_fast(Session()).get_service_data(service) == Session().get_service_data(service)
    found = [session.get_component("data_loader").load_service_model(service, kind) for session in _both()]
    assert found[0] == found[1]


def test_data_of_no_service_is_the_sdks_own() -> None:
    found = [session.get_component("data_loader").load_data("partitions") for session in _both()]
    assert found[0] == found[1]


def test_the_services_are_the_sdks_own() -> None:
    fast, own = _both()
    assert fast.get_available_services() == own.get_available_services()


def test_a_service_that_there_is_not_is_refused_as_the_sdk_does() -> None:
    with pytest.raises(UnknownServiceError):
        read_fast(Session()).create_client("no-such-service", region_name="us-east-1")


def test_services_in_a_folder_of_ones_own_are_found_as_the_sdk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own" / "2026-01-01").mkdir(parents=True)
    (tmp_path / "own" / "2026-01-01" / "service-2.json").write_text("{}")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    fast, own = _both()
    assert "own" in fast.get_available_services()
    assert fast.get_available_services() == own.get_available_services()


def _both() -> tuple[Session, Session]:
    return read_fast(Session()), Session()
