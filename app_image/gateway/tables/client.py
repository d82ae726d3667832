"""botocore's client for DynamoDB, and what its errors mean. Everything here runs in a table's threads.

The SDK itself tries once: whether to try again is decided here, and never after a silence, which would only double
the wait, nor for what must not be done twice.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, HTTPClientError, ReadTimeoutError

from gateway.tables.errors import TableFailed

T = TypeVar("T")

_BUSY = frozenset({"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"})
_FIRST_SERVER_ERROR = 500
_PAUSE_SECONDS = 0.1


class DynamoClient:
    """Made once, by the first thread that asks: a start waits neither for it nor for credentials."""

    def __init__(self, region: str, timeout_seconds: float = 1.0, connections: int = 16) -> None:
        self._region = region
        self._config = Config(
            connect_timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": 1},
            max_pool_connections=connections,
            # The regional name, which every route and policy of a private network knows.
            account_id_endpoint_mode="disabled",
        )
        self._making = threading.Lock()
        self._client: Any = None

    def ready(self) -> Any:
        with self._making:
            if self._client is None:
                session = botocore.session.Session()
                self._client = session.create_client("dynamodb", region_name=self._region, config=self._config)
        return self._client


@contextmanager
def translated(call: str) -> Iterator[None]:
    """Raises TableFailed instead of botocore's errors. They carry no secrets, but may carry much text."""
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        raise TableFailed(f"{call}: {told.get('Code')}: {str(told.get('Message'))[:200]}") from error
    except BotoCoreError as error:
        raise TableFailed(f"{call}: {str(error)[:200]}") from error


def tried_twice(call: Callable[[Any], T]) -> Callable[[Any], T]:
    """The same, once more after a moment where that may help. For what may be done twice."""

    def calls(client: Any) -> T:
        try:
            return call(client)
        except (BotoCoreError, ClientError) as error:
            if not _may_pass(error):
                raise
        time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 - jitter
        return call(client)

    return calls


def _may_pass(error: Exception) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _FIRST_SERVER_ERROR or error.response.get("Error", {}).get("Code") in _BUSY
    return isinstance(error, HTTPClientError) and not isinstance(error, ConnectTimeoutError | ReadTimeoutError)
