"""What moto does not have, or what AWS would refuse, put in its place inside the SDK."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from scripts.aws.clients import Clients

_PLANTED: list[Callable[[], None]] = []


def answer(
    of: Clients, operation: str, parsed: dict[str, Any] | None = None, error: str | None = None, message: str = "no"
) -> None:
    """From now on. `operation` is `service.Operation`."""
    http = SimpleNamespace(status_code=400 if error else 200)
    body = {"Error": {"Code": error, "Message": message}} if error else dict(parsed or {})
    body["ResponseMetadata"] = {"HTTPStatusCode": http.status_code}
    for client in (of.read(operation.split(".")[0]), of.write(operation.split(".")[0])):
        _plant(client, operation, lambda **_: (http, body))


def quotas(of: Clients, vcpus: Mapping[tuple[str, str], float]) -> None:
    """Service Quotas, from now on: by service and code."""

    def found(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        asked = json.loads(params["body"])
        value = vcpus[asked["ServiceCode"], asked["QuotaCode"]]
        return SimpleNamespace(status_code=200), {"Quota": {"Value": value}, "ResponseMetadata": {}}

    _plant(of.read("service-quotas"), "service-quotas.GetServiceQuota", found)


def forget() -> None:
    """All of them, because the next test has the same clients."""
    while _PLANTED:
        _PLANTED.pop()()


def _plant(client: Any, operation: str, handler: Callable[..., Any]) -> None:
    client.meta.events.register(f"before-call.{operation}", handler)
    _PLANTED.append(partial(client.meta.events.unregister, f"before-call.{operation}", handler))
