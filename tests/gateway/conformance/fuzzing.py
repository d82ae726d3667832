"""Requests made of docs/openapi.yaml by schemathesis, and answers judged by it.

Apart from the tests, because importing schemathesis takes longer than collecting all tests of the gateway.
"""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gateway.conformance.document import DOCUMENT
from tests.gateway.speech import MODEL

ANSWER_SECONDS = 5.0
PATIENCE_SECONDS = 20.0
SEED = 20261125
MOST_ITEMS = 2
FUZZING = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def allowed(label: str, check: Callable[[Any], None], examples: int) -> None:
    """Calls `check` with cases of one operation that fit the document."""
    _fuzz(label, GenerationMode.POSITIVE, check, examples)


def not_allowed(label: str, check: Callable[[Any], None], examples: int) -> None:
    """The same with cases that do not."""
    _fuzz(label, GenerationMode.NEGATIVE, check, examples)


def ask(case: Any, base_url: str, session: requests.Session, key: str | None) -> Any:
    """The answer, which the document describes."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    answer = case.call(base_url=base_url, session=session, headers=headers, timeout=ANSWER_SECONDS)
    assert answer.status_code != 500
    case.validate_response(answer, checks=CHECKS)
    return answer


def _fuzz(label: str, mode: GenerationMode, check: Callable[[Any], None], examples: int) -> None:
    run = given(case=_operations()[label].as_strategy(generation_mode=mode))(lambda case: check(case))
    seed(SEED)(settings(FUZZING, max_examples=examples)(run))()


@cache
def _operations() -> dict[str, Any]:
    schema: Any = schemathesis.openapi.from_dict(_answerable())
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def _answerable() -> dict[str, Any]:
    """A request for a model that is not served would go no further, nor would one that cannot wait for an answer.

    Lists are short, because most of the time went into drawing long ones, and two items are several.
    """
    told: dict[str, Any] = copy.deepcopy(DOCUMENT)
    told["components"]["parameters"]["Deadline"]["schema"] = {"type": "number", "minimum": PATIENCE_SECONDS}
    for name, schema in told["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["properties"]["model"] = {"enum": [MODEL]}
            _shorten(schema)
    return told


def _shorten(schema: Any) -> None:
    inner = list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    if isinstance(schema, dict) and schema.get("type") == "array":
        schema.setdefault("maxItems", MOST_ITEMS)
    for one in inner:
        _shorten(one)
