"""docs/openapi.yaml is the gateway's API: each path, header, tier, reason and error code of the code, and no other."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway.outcome import Reason, TierName
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "app_image" / "gateway"
METHODS = ("get", "post", "put", "patch", "delete")
IN_BAND = 200


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
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


def constant(node: ast.expr | None) -> Any:
    """A literal, or a member of an enumeration whose values are its names in small letters."""
    if isinstance(node, ast.Attribute) and node.attr.isupper():
        return node.attr.lower()
    return node.value if isinstance(node, ast.Constant) else None


def coded() -> Iterator[tuple[str, ast.Call]]:
    """Each error code that the gateway's code gives, with the call that gives it."""
    for call in calls():
        code = next((constant(keyword.value) for keyword in call.keywords if keyword.arg == "code"), None)
        if isinstance(code, str):
            yield code, call


def status(call: ast.Call) -> int | None:
    """The status that a call names; None where it is only known at run time."""
    if getattr(call.func, "id", "") == "error_event":
        return IN_BAND
    first = constant(call.args[0]) if call.args else None
    return first if isinstance(first, int) else None


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_it_lists_every_path_of_the_gateway_and_no_other() -> None:
    assert constants(GATEWAY / "app.py", str, r"/[a-z0-9/]+") == set(document()["paths"])


def test_it_lists_every_error_code_and_no_other() -> None:
    assert {code for code, _ in coded()} == {entry["const"] for entry in schemas()["ErrorCode"]["oneOf"]}


def test_each_error_code_has_the_status_that_the_code_gives_it() -> None:
    given = {(code, found) for code, call in coded() if (found := status(call)) is not None}
    assert given <= {(entry["const"], entry["x-status"]) for entry in schemas()["ErrorCode"]["oneOf"]}


def test_each_status_of_an_error_code_can_be_met_where_a_model_is_asked() -> None:
    met = {int(found) for path, operation in operations() if "completions" in path for found in operation["responses"]}
    assert {entry["x-status"] for entry in schemas()["ErrorCode"]["oneOf"]} <= met


def test_it_lists_every_header_that_an_answer_may_carry_of_its_own() -> None:
    sent = constants(GATEWAY / "exchange.py", bytes, rb"x-switchyard-[a-z-]+|x-request-id")
    documented = {name for _, operation in operations() for name in operation["responses"]["200"].get("headers", ())}
    assert {name.decode() for name in sent} == documented


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
