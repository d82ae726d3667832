"""docs/clients.md names what the gateway really says: every code with its status, every header, reason and number."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest
from gateway import errors
from gateway.accounting import _EXPECTED_OUTPUT_TOKENS
from gateway.errors import ApiError, ErrorCode
from gateway.guards import check_depth, check_prompt
from gateway.keys.errors import keys_unavailable
from gateway.limits.errors import budget_spent, limit_reached
from gateway.outcome import Reason, TierName
from gateway.settings import CachePolicy, Limits, OpenAiAccount
from gateway.usage import BYTES_A_TOKEN

from examples.openai_client import failures
from scripts.keys.keeper import WORKS_WITHIN_SECONDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text()
GATEWAY = ROOT / "app_image" / "gateway"
IN_BAND = 200
# Those by which a model's answer, or a request, is told to operators and other machines.
NOT_FOR_CLIENTS = {"x-switchyard-preview"}


def raised(check: str) -> ApiError:
    with pytest.raises(ApiError) as found:
        check_depth(b"[" * 99, 1) if check == "depth" else check_prompt(b'"long"', 1)
    return found.value


def given() -> dict[str, int]:
    """The status of each code, by the functions that give it."""
    found = [
        errors.invalid_body(""),
        errors.invalid_key(),
        errors.model_not_found(""),
        errors.body_too_slow(1),
        errors.body_too_large(1),
        errors.internal_error(),
        errors.all_tiers_failed(""),
        errors.out_of_time(),
        errors.model_unavailable("", 1),
        errors.overloaded("", 1),
        errors.stopping(),
        keys_unavailable(),
        limit_reached("requests", 1, 1, 0, 1),
        budget_spent(Decimal(1)),
        raised("depth"),
        raised("prompt"),
    ]
    return {str(error.code): error.status for error in found} | {str(ErrorCode.STREAM_INCOMPLETE): IN_BAND}


def headers() -> set[str]:
    """What the gateway's code calls headers of its own, by their beginning."""
    found: set[str] = set()
    for path in GATEWAY.rglob("*.py"):
        values = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
        texts = (value.decode("latin-1") if isinstance(value, bytes) else value for value in values)
        found |= {
            text for text in texts if isinstance(text, str) and re.fullmatch(r"x-(switchyard|request)-[a-z-]+", text)
        }
    return found - NOT_FOR_CLIENTS


def test_every_code_is_there_with_its_status_and_no_other() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert given().keys() == set(ErrorCode)
    assert sorted(rows) == sorted((str(status), code) for code, status in given().items())


def test_the_example_has_advice_for_every_code() -> None:
    assert set(ErrorCode) <= set(failures._ADVICE)


def test_every_header_is_there_and_no_other() -> None:
    assert set(re.findall(r"x-(?:switchyard|request)-[a-z-]+", PAGE)) == headers()
    for unit in ("requests", "tokens"):
        told = limit_reached(unit, 1, 1, 0, 1).headers
        assert [name for name, _ in told if f"`{name.decode()}`" not in PAGE] == []


@pytest.mark.parametrize("word", [*Reason, *TierName])
def test_every_reason_and_tier_is_there(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize(
    "said",
    [
        f"takes up to {Limits.total_seconds:g} s for a whole answer",
        f"content must come within {Limits.first_content_seconds:g} s of asking",
        f"may last longer than {Limits.idle_seconds:g} s",
        f"the body took longer than {Limits.body_seconds:g} s",
        f"the body is larger than {Limits.body_bytes // 2**20} MiB",
        f"a token for each {BYTES_A_TOKEN} bytes",
        f"without it {_EXPECTED_OUTPUT_TOKENS} are assumed",
        f"kept for {CachePolicy.max_age_seconds / 3600:g} hours",
        f"a new one works within {WORKS_WITHIN_SECONDS} s",
    ],
)
def test_the_numbers_are_the_gateways(said: str) -> None:
    assert said in " ".join(PAGE.split())


def test_the_limit_to_the_first_content_is_the_same_for_both_upstreams() -> None:
    assert OpenAiAccount.first_content_seconds == Limits.first_content_seconds
