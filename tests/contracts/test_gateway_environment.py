"""What the template and the engine tell a gateway task, the gateway understands as the settings meant it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway.environment import load
from gateway.settings import CachePolicy, Colour, Settings

from stacks import config, gateway_environment
from stacks.naming import Names
from stacks.offline.settings import SafeLoader, merged
from tests.stacks.examples import ENVIRONMENTS, OWNER, SECRET, plain

CONTRACT = yaml.load((Path(__file__).parent / "task_environment.yaml").read_text(), Loader=SafeLoader)
GIVEN = {
    "SWITCHYARD_RELEASE": "r-1",
    "SWITCHYARD_COLOUR": "green",
    "SWITCHYARD_MODEL_COLOUR": "blue",
    "SWITCHYARD_VLLM_URL": "http://internal:8001",
    "SWITCHYARD_MODEL": "resume",
    "SWITCHYARD_MODEL_REVISION": "2",
    "SWITCHYARD_PROFILE": "any",
    "SWITCHYARD_STREAM_LIMIT_SECONDS": "600",
    "SWITCHYARD_STOP_TIMEOUT_SECONDS": "120",
    "SWITCHYARD_KEEP_ALIVE_SECONDS": "640",
    "SWITCHYARD_API_KEYS": json.dumps({"ana": "k" * 32}),
    "SWITCHYARD_SMOKE_KEY": "s" * 32,
    "OPENAI_API_KEY": "o" * 32,
}


def told(environment: str = "staging", **changed: Any) -> Settings:
    settings = config.parse(environment, plain(merged(environment, {**OWNER, **changed})), SECRET)
    template = gateway_environment.variables(settings, Names(environment))
    return load({**GIVEN, "SWITCHYARD_ENVIRONMENT": environment, **template})


def test_the_variables_here_are_those_of_the_contract() -> None:
    settings = config.parse("staging", plain(merged("staging", OWNER)), SECRET)
    known = {*GIVEN, "SWITCHYARD_ENVIRONMENT", *gateway_environment.variables(settings, Names("staging"))}
    assert known == {*CONTRACT["engine"]["gateway"], *CONTRACT["template"]["gateway"], *CONTRACT["secrets"]["gateway"]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_shipped_environment_starts_its_gateway_with_its_tables(environment: str) -> None:
    found = told(environment)
    assert found.colour is Colour.GREEN and found.tables is not None
    assert found.tables.usage == f"switchyard-{environment}-usage"
    assert found.tables.region == "us-east-1"


def test_what_is_left_empty_is_the_gateways_own_default() -> None:
    found, default = told(), Settings("r", Colour.BLUE, Colour.BLUE, "m", "u", {})
    assert (found.breaker, found.admission, found.cache) == (default.breaker, default.admission, CachePolicy())
    assert (found.limits.output_tokens, found.limits.prompt_characters) == (None, None)
    assert (found.overflow_queue_depth, found.model_aliases) == (None, frozenset())
    assert found.openai is not None and found.openai.completions_model is None
    assert (found.openai.price.input_usd_per_million, found.openai.price.output_usd_per_million) == (2.5, 10)


def test_a_large_sum_arrives_to_the_cent() -> None:
    found = told(openaiMonthlyCapUsd="1234567.89")
    assert found.openai is not None and found.openai.monthly_cap_usd == 1234567.89


def test_what_is_set_arrives() -> None:
    found = told(
        modelAliases=["best"],
        openaiAliases=["fast=gpt-4.1-mini"],
        openaiCompletionsModel="gpt-3.5-turbo-instruct",
        openaiMonthlyCapUsd="99.5",
        openaiMaxInFlight=3,
        apiMaximumInFlight=7,
        breakerFailures=2,
        breakerOpenSeconds="1.5",
        cacheSeconds=0,
        maxOutputTokens="4096",
        promptLimitCharacters="9000",
        overflowQueueDepth="8",
    )
    assert found.model_aliases == {"best"} and found.overflow_queue_depth == 8 and found.cache is None
    assert (found.limits.output_tokens, found.limits.prompt_characters) == (4096, 9000)
    assert (found.breaker.failures, found.breaker.open_seconds, found.admission.in_flight) == (2, 1.5, 7)
    openai = found.openai
    assert openai is not None and openai.aliases == {"fast": "gpt-4.1-mini"}
    assert (openai.completions_model, openai.monthly_cap_usd, openai.in_flight) == ("gpt-3.5-turbo-instruct", 99.5, 3)


def test_where_no_prompt_may_leave_the_gateway_has_no_account() -> None:
    assert told(externalFallback="never").openai is None
