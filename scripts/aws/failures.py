"""botocore's errors into the kit's, at the boundary: which call, what AWS said, and whether to try again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError

from scripts.errors import AwsFailed, ConditionFailed, Refused, Transient

_BUSY = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionConflictException",
        "ServiceUnavailable",
        "InternalFailure",
        "InternalError",
        "ServerException",
        "RequestTimeout",
    }
)
T = TypeVar("T")
_CONDITION = "ConditionalCheckFailedException"
_FIRST_SERVER_ERROR = 500


@contextmanager
def translated(service: str, operation: str) -> Iterator[None]:
    """Raise AwsFailed, Transient, ConditionFailed or Refused instead of botocore's errors."""
    try:
        yield
    except NoCredentialsError:
        raise Refused("no AWS credentials found: log in first (for example `aws sso login`)") from None
    except ClientError as error:
        raise _answered(f"{service} {operation}", error) from error
    except (HTTPClientError, ConnectionError) as error:
        raise Transient(f"{service} {operation}: {error}") from error
    except BotoCoreError as error:
        raise AwsFailed(f"{service} {operation}: {error}") from error


def unless(codes: tuple[str, ...], read: Callable[[], T], absent: T) -> T:
    """What a read answers, or `absent` where AWS says by one of the codes that there is nothing."""
    try:
        return read()
    except AwsFailed as error:
        if error.code in codes:
            return absent
        raise


def _answered(call: str, error: ClientError) -> AwsFailed:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = f"{call}: {error.response.get('Error', {}).get('Message', '')} ({code})"
    if code == _CONDITION:
        return ConditionFailed(message, code)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _BUSY or status >= _FIRST_SERVER_ERROR:
        return Transient(message, code)
    return AwsFailed(message, code)
