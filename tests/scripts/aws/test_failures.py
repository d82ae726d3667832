"""botocore's errors into ours, by what can be done about them."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ParamValidationError

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.errors import AwsFailed, ConditionFailed, Refused, TaskError, Transient
from tests.scripts.moto_environment import clients


def answered(code: str, status: int = 400) -> ClientError:
    metadata = {"HTTPStatusCode": status, "RequestId": "1", "HostId": "h", "HTTPHeaders": {}, "RetryAttempts": 0}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}, "Op")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("ThrottlingException"), Transient),
        (answered("Whatever", 503), Transient),
        (ConnectTimeoutError(endpoint_url="https://aws"), Transient),
        (answered("ConditionalCheckFailedException"), ConditionFailed),
        (answered("AccessDeniedException"), AwsFailed),
        (ParamValidationError(report="bad"), AwsFailed),
        (NoCredentialsError(), Refused),
    ],
)
def test_an_error_becomes_what_the_engine_can_act_on(error: Exception, kind: type[TaskError]) -> None:
    with pytest.raises(TaskError) as found, translated("ecs", "UpdateService"):
        raise error
    assert type(found.value) is kind


def test_the_message_names_the_call_and_awss_code() -> None:
    with pytest.raises(AwsFailed, match=r"ecs UpdateService: no \(AccessDenied\)"), translated("ecs", "UpdateService"):
        raise answered("AccessDenied")


def retries(found: Clients, kind: str) -> int:
    return int(getattr(found, kind)("elbv2").meta.config.retries["total_max_attempts"])


def test_writes_are_attempted_once_and_reads_more_often() -> None:
    with clients() as found:
        assert retries(found, "write") == 1
        assert retries(found, "read") > 1


def test_every_client_has_time_limits() -> None:
    with clients() as found:
        for kind in ("read", "write", "hasty"):
            config = getattr(found, kind)("dynamodb").meta.config
            assert config.connect_timeout <= 2
            assert config.read_timeout <= 10
