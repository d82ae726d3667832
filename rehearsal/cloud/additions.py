"""Actions that moto lacks or answers too kindly, hung onto its response classes.

Each addition is a function from the request's parameters to the answer in boto3's shape. What the answers
say is decided elsewhere (the fleet, the load balancer, the capacity market); this module only connects.
"""

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.responses import EC2Response
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.responses import ELBV2Response
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.servicequotas.responses import ServiceQuotasResponse
from moto.ssm.responses import SimpleSystemManagerResponse

Action = Callable[[dict[str, Any]], dict[str, Any]]

FAMILIES: dict[str, type[BaseResponse]] = {
    "ec2": EC2Response,
    "ecs": EC2ContainerServiceResponse,
    "elbv2": ELBV2Response,
    "secretsmanager": SecretsManagerResponse,
    "servicequotas": ServiceQuotasResponse,
    "ssm": SimpleSystemManagerResponse,
}

# What stood there before, in the order of replacement.
_replaced: list[tuple[type[BaseResponse], str, Any]] = []


class AwsError(ServiceException):  # type: ignore[misc]
    """An error as AWS would answer it: `code` is what boto3 shows as Error.Code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install(family: str, actions: dict[str, Action]) -> None:
    """Make moto answer `actions` (method name, e.g. `describe_tasks`) of a family with our functions."""
    for name, action in actions.items():
        replace(family, name, _method(action))


def restore() -> None:
    """moto as it was before the first addition: whoever uses it next in this process knows nothing of ours."""
    while _replaced:
        kind, name, before = _replaced.pop()
        if before is None:
            delattr(kind, name)
        else:
            setattr(kind, name, before)


def original(family: str, name: str) -> Callable[[BaseResponse], Any]:
    """moto's own method, for an addition that wraps it; ours is never returned twice over."""
    method = getattr(FAMILIES[family], name)
    return getattr(method, "wrapped", method)  # type: ignore[no-any-return]


def wrap(family: str, name: str, after: Callable[[dict[str, Any]], None]) -> None:
    """Let moto answer, then run `after` with the request's parameters."""
    inner = original(family, name)

    def method(response: BaseResponse) -> Any:
        answer = inner(response)
        after(_parameters(response))
        return answer

    method.wrapped = inner  # type: ignore[attr-defined]
    replace(family, name, method)


def answer_after(family: str, name: str, action: Action) -> None:
    """Let moto act, then answer with `action` instead of what moto says."""
    inner = original(family, name)

    def method(response: BaseResponse) -> ActionResult:
        inner(response)
        return ActionResult(action(_parameters(response)))

    method.wrapped = inner  # type: ignore[attr-defined]
    replace(family, name, method)


def replace(family: str, name: str, method: Callable[[BaseResponse], Any]) -> None:
    """Put a method in the place of moto's, until `restore`."""
    kind = FAMILIES[family]
    _replaced.append((kind, name, vars(kind).get(name)))
    setattr(kind, name, method)


def _method(action: Action) -> Callable[[BaseResponse], ActionResult]:
    def method(response: BaseResponse) -> ActionResult:
        return ActionResult(action(_parameters(response)))

    return method


def _parameters(response: BaseResponse) -> dict[str, Any]:
    """The request's parameters in boto3's shape, parsed by the service's model."""
    if not response.automated_parameter_parsing:
        response.parse_parameters(response.normalized_request)
    return dict(response.params)
