"""boto3 clients into the rehearsal's AWS, made once each. A client may be used by many threads, making one may not."""

import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

from scripts.aws.service_models import read_fast

# The access key id names the principal in the rehearsal's journal of calls.
_PRINCIPAL = "pulumi"


class Clients:
    """The clients of one run."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self.region = region
        self._endpoint_url = endpoint_url
        self._session = boto3.session.Session(
            aws_access_key_id=_PRINCIPAL,
            aws_secret_access_key="rehearsal",  # noqa: S106 - a name, not a credential
            region_name=region,
            botocore_session=read_fast(Session()),
        )
        self._config = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
        self._lock = threading.Lock()
        self._made: dict[tuple[str, bool], Any] = {}

    def __call__(self, service: str) -> Any:
        return self._client(service, checked=True)

    def unchecked(self, service: str) -> Any:
        """A client that sends numbers below AWS's floors, which the SDK would refuse to send."""
        return self._client(service, checked=False)

    def _client(self, service: str, *, checked: bool) -> Any:
        with self._lock:
            if (service, checked) not in self._made:
                config = self._config.merge(Config(parameter_validation=checked))
                made = self._session.client(service, endpoint_url=self._endpoint_url, config=config)
                self._made[service, checked] = made
            return self._made[service, checked]
