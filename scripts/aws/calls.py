"""The one place where a call that changes something reaches AWS."""

from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from scripts.aws.clients import Clients
from scripts.aws.failures import translated
from scripts.aws.model import Call, Hidden


def execute(clients: Clients, call: Call) -> Mapping[str, Any]:
    """One attempt. Raises Transient where AWS may or may not have acted."""
    with translated(call.service, call.operation):
        method = getattr(clients.write(call.service), xform_name(call.operation))
        parameters = {k: v.value if isinstance(v, Hidden) else v for k, v in call.parameters.items()}
        answer: Mapping[str, Any] = method(**parameters)
        return answer
