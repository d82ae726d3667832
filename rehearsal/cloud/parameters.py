"""AWS's public parameters as AWS answers them, in JSON: moto gives those that are objects as Python prints them."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from rehearsal.cloud.additions import original, replace


def install() -> None:
    """Answer GetParameter of a public object in JSON."""
    inner = original("ssm", "get_parameter")
    method = _method(inner)
    method.wrapped = inner  # type: ignore[attr-defined]
    replace("ssm", "get_parameter", method)


def as_json(value: Any) -> str:
    """A text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value)


def _method(inner: Callable[[BaseResponse], Any]) -> Callable[[BaseResponse], ActionResult]:
    def method(response: BaseResponse) -> ActionResult:
        found = inner(response).result["Parameter"]
        return ActionResult({"Parameter": found | {"Value": as_json(found["Value"])}})

    return method
