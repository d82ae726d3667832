"""docs/openapi.yaml is the gateway's API: each path, header, tier, reason and error code of the code, and no other."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway.errors import ApiError, ErrorCode
from gateway.limits.errors import budget_spent, limit_reached, request_too_large
from gateway.outcome import Reason, TierName
from gateway.request_head import PREVIEW_HEADER
from openapi_spec_validator import OpenAPIV31SpecValidator

from stacks.offline.settings import SafeLoader

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "app_image" / "gateway"
METHODS = ("get", "post", "put", "patch", "delete")
IN_BAND = 200
COME_BACK = 503
OF_HTTP = {b"authorization", b"content-length"}
VALUES = {b"no-store"}
LIMITED: list[ApiError] = [
    limit_reached("requests", 1, 1, 0, 1),
    limit_reached("tokens", 1, 1, 0, 1),
    request_too_large(1, 2),
    budget_spent(Decimal(1)),
]


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((ROOT / "docs" / "openapi.yaml").read_text(), Loader=SafeLoader)
    return found


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        yield from ((path, item[method]) for method in METHODS if method in item)


def constants(path: Path, kind: type[str] | type[bytes], pattern: Any) -> set[Any]:
    found = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return {value for value in found if isinstance(value, kind) and re.fullmatch(pattern, value)}


def calls() -> Iterator[ast.Call]:
    for path in sorted(GATEWAY.rglob("*.py")):
        yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def coded() -> Iterator[tuple[ErrorCode, ast.Call]]:
    """Each error code that the gateway's code gives, with the call that gives it."""
    for call in calls():
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        yield from (
            (ErrorCode[node.attr], call)
            for node in given
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "ErrorCode"
        )


def status(call: ast.Call) -> int:
    match getattr(call.func, "id", ""), call.args:
        case "error_event", _:
            return IN_BAND
        case "_come_back", _:
            return COME_BACK
        case "ApiError", [ast.Constant(value=int(found)), *_]:
            return found
    raise AssertionError(f"which status has {ast.unparse(call)}?")


def resolved(told: dict[str, Any]) -> dict[str, Any]:
    """What stands in place of a reference."""
    if "$ref" not in told:
        return told
    found: Any = document()
    for part in told["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_it_lists_every_path_of_the_gateway_and_no_other() -> None:
    assert constants(GATEWAY / "composition.py", str, r"/[a-z0-9/]+") == set(document()["paths"])


def test_it_lists_every_error_code_and_no_other() -> None:
    assert [entry["const"] for entry in schemas()["ErrorCode"]["oneOf"]] == list(ErrorCode)


def test_each_error_code_has_the_status_that_the_code_gives_it() -> None:
    given = {(str(code), status(call)) for code, call in coded()}
    assert given == {(entry["const"], entry["x-status"]) for entry in schemas()["ErrorCode"]["oneOf"]}


def test_each_status_of_an_error_code_can_be_met_where_a_model_is_asked() -> None:
    met = {int(found) for path, operation in operations() if "completions" in path for found in operation["responses"]}
    assert {entry["x-status"] for entry in schemas()["ErrorCode"]["oneOf"]} <= met


def test_it_lists_every_header_that_an_answer_may_carry_of_its_own() -> None:
    sent = constants(GATEWAY / "exchange.py", bytes, rb"x-switchyard-[a-z-]+|x-request-id")
    sent |= constants(GATEWAY / "cache" / "cached.py", bytes, rb"[a-z-]+")
    documented = {name for _, operation in operations() for name in operation["responses"]["200"].get("headers", ())}
    assert {name.decode() for name in sent} == documented


def test_it_lists_every_header_of_a_request_that_means_something_but_not_the_operators_own() -> None:
    read = constants(GATEWAY / "request_head.py", bytes, rb"[a-z-]+") - VALUES - OF_HTTP - {PREVIEW_HEADER}
    assert {name.decode() for name in read} == {
        told["name"] for told in document()["components"]["parameters"].values()
    }


def test_every_answer_says_what_gave_it() -> None:
    identity = constants(GATEWAY / "exchange.py", bytes, rb"x-switchyard-(release|colour|model-colour)|x-request-id")
    names = {name.decode() for name in identity}
    answers = [answer for _, operation in operations() for answer in operation["responses"].values()]
    assert len(names) == 4
    assert all(names <= set(resolved(answer)["headers"]) for answer in answers)


def test_it_lists_every_header_that_says_what_a_key_may_still_use() -> None:
    told = {name.decode() for error in LIMITED for name, _ in error.headers}
    documented = document()["components"]["responses"]["KeyLimited"]["headers"]
    assert told == {name for name, header in documented.items() if not resolved(header).get("required")}


@pytest.mark.parametrize(
    ("documented", "known"),
    [
        (lambda: document()["components"]["headers"]["Tier"]["schema"]["enum"], TierName),
        (lambda: schemas()["Reason"]["enum"], Reason),
    ],
)
def test_its_closed_sets_are_those_of_the_code(documented: Any, known: Any) -> None:
    assert set(documented()) == set(known)


def test_only_the_probes_need_no_key() -> None:
    assert [path for path, operation in operations() if operation.get("security") == []] == ["/health", "/ready"]
