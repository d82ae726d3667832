"""The environment is read once, and every problem of it is told at once."""

import pytest
from gateway.environment import load
from gateway.errors import SettingsError
from gateway.settings import SMOKE_KEY_NAME, CachePolicy, Limits, Price, Tables

TOLD = {
    "SWITCHYARD_ENVIRONMENT": "staging",
    "SWITCHYARD_RELEASE": "r-0001",
    "SWITCHYARD_COLOUR": "blue",
    "SWITCHYARD_MODEL_COLOUR": "green",
    "SWITCHYARD_VLLM_URL": "http://internal:8002",
    "SWITCHYARD_MODEL": "org/model",
    "SWITCHYARD_API_KEYS": '{"alice": "sk-alice"}',
}
EXTERNAL = {
    "SWITCHYARD_EXTERNAL_FALLBACK": "allow",
    "SWITCHYARD_OPENAI_MODEL": "gpt-4o",
    "OPENAI_API_KEY": "sk-openai",
}


def test_what_must_be_told_is_enough() -> None:
    settings = load(TOLD)

    assert settings.vllm_url == "http://internal:8002"
    assert settings.bind_address == "0.0.0.0"
    assert (settings.http_port, settings.metrics_port) == (8080, 9090)
    assert settings.limits.total_seconds == 600
    assert settings.limits.body_bytes == 2 * 1024 * 1024
    assert settings.keep_alive_seconds == 75
    assert settings.openai is None


@pytest.mark.parametrize(("limit", "idle_seconds"), [("600", 20), ("10", 2.5)])
def test_a_silent_upstream_leaves_time_for_another_tier(limit: str, idle_seconds: float) -> None:
    assert load({**TOLD, "SWITCHYARD_STREAM_LIMIT_SECONDS": limit}).limits.idle_seconds == idle_seconds


def test_an_empty_environment_is_told_all_that_is_missing() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"SWITCHYARD_ENVIRONMENT": "staging"})

    assert {problem.split()[0] for problem in caught.value.problems} == TOLD.keys() - {"SWITCHYARD_ENVIRONMENT"}


def test_by_hand_an_upstream_a_model_and_keys_are_enough() -> None:
    bare = {"VLLM_URL": "http://127.0.0.1:8000/", "MODEL_NAME": "org/model", "SWITCHYARD_API_KEYS": "{}"}
    settings = load({**bare, "VLLM_API_KEY": "sk-vllm"})
    assert settings.vllm_api_key == "sk-vllm" and load(bare).vllm_api_key is None
    assert "sk-vllm" not in repr(settings)

    assert (settings.vllm_url, settings.model) == ("http://127.0.0.1:8000", "org/model")
    assert (settings.release, settings.colour) == ("local", "blue")


def test_the_kits_own_names_win_over_the_articles() -> None:
    told = {**TOLD, "VLLM_URL": "http://other:1", "MODEL_NAME": "other"}

    assert (load(told).vllm_url, load(told).model) == ("http://internal:8002", "org/model")


def test_tables_are_told_all_or_none() -> None:
    named = {f"SWITCHYARD_{kind}_TABLE": kind.lower() for kind in ("LEDGER", "KEYS", "CACHE", "USAGE")}
    tables = load({**TOLD, **named, "SWITCHYARD_REGION": "us-east-1"}).tables
    assert tables == Tables("us-east-1", "ledger", "keys", "cache", "usage")
    assert load(TOLD).tables is None

    with pytest.raises(SettingsError, match="SWITCHYARD_KEYS_TABLE is not set"):
        load({**TOLD, **named, "SWITCHYARD_REGION": "us-east-1", "SWITCHYARD_KEYS_TABLE": ""})


def test_what_an_operator_may_turn() -> None:
    settings = load(
        {
            **TOLD,
            **EXTERNAL,
            "SWITCHYARD_MODEL_ALIASES": "resume, default",
            "SWITCHYARD_OPENAI_ALIASES": '{"gpt-4o": "gpt-4o-2024-08-06"}',
            "SWITCHYARD_OPENAI_MONTHLY_CAP_USD": "250.5",
            "SWITCHYARD_MAX_OUTPUT_TOKENS": "1024",
            "SWITCHYARD_PROMPT_LIMIT_CHARACTERS": "32000",
            "SWITCHYARD_BREAKER_FAILURES": "3",
            "SWITCHYARD_BREAKER_OPEN_SECONDS": "2.5",
            "SWITCHYARD_MAX_IN_FLIGHT": "10",
            "SWITCHYARD_OVERFLOW_QUEUE_DEPTH": "20",
            "SWITCHYARD_VLLM_OUTPUT_USD_PER_MILLION": "0.1",
        }
    )

    assert settings.model_aliases == {"resume", "default"}
    assert settings.openai is not None and settings.openai.aliases == {"gpt-4o": "gpt-4o-2024-08-06"}
    assert settings.openai.monthly_cap_usd == 250.5 and settings.openai.price == Price(2.5, 10.0)
    assert (settings.limits.output_tokens, settings.limits.prompt_characters) == (1024, 32000)
    assert (settings.breaker.failures, settings.breaker.open_seconds) == (3, 2.5)
    assert (settings.admission.in_flight, settings.overflow_queue_depth) == (10, 20)
    assert settings.vllm_price == Price(0.0, 0.1)


def test_an_age_of_zero_switches_the_cache_off() -> None:
    assert load(TOLD).cache == CachePolicy()
    assert load({**TOLD, "SWITCHYARD_CACHE_SECONDS": "0"}).cache is None


@pytest.mark.parametrize("alias", ["org/model", "resume"])
def test_a_name_means_one_tier_first(alias: str) -> None:
    told = {**TOLD, **EXTERNAL, "SWITCHYARD_MODEL_ALIASES": "resume"}
    with pytest.raises(SettingsError, match=f"SWITCHYARD_OPENAI_ALIASES names '{alias}'"):
        load({**told, "SWITCHYARD_OPENAI_ALIASES": f'{{"{alias}": "gpt-4o"}}'})


def test_the_ports_differ() -> None:
    with pytest.raises(SettingsError, match="SWITCHYARD_METRICS_PORT is 8080"):
        load({**TOLD, "SWITCHYARD_METRICS_PORT": "8080"})


def test_a_short_deadline_leaves_time_for_another_tier() -> None:
    shrunk = Limits().within(6)

    assert (shrunk.connect_seconds, shrunk.idle_seconds, shrunk.total_seconds) == (1.0, 1.5, 6)
    assert Limits().within(601) == Limits()


def test_all_problems_are_told_at_once_with_value_and_expectation() -> None:
    wrong = {
        "SWITCHYARD_RELEASE": "r 1\n",
        "SWITCHYARD_COLOUR": "purple",
        "SWITCHYARD_VLLM_URL": "internal:8002",
        "SWITCHYARD_STREAM_LIMIT_SECONDS": "soon",
        "SWITCHYARD_STOP_TIMEOUT_SECONDS": "0",
        "SWITCHYARD_KEEP_ALIVE_SECONDS": "7.5",
        "SWITCHYARD_BODY_LIMIT_BYTES": "-1",
        "SWITCHYARD_EXTERNAL_FALLBACK": "maybe",
        "SWITCHYARD_CACHE_SECONDS": "-5",
        "SWITCHYARD_MAX_OUTPUT_TOKENS": "0",
    }
    with pytest.raises(SettingsError) as caught:
        load({**TOLD, **wrong})

    problems = {problem.split()[0]: problem for problem in caught.value.problems}
    assert problems.keys() == wrong.keys()
    assert problems["SWITCHYARD_COLOUR"] == "SWITCHYARD_COLOUR is 'purple': expected blue or green"
    for name, value in wrong.items():
        assert repr(value) in problems[name] and "expected" in problems[name]


@pytest.mark.parametrize("value", ["sk-alice", '["sk-alice"]', '{"alice": 1}', '{"": "sk-alice"}', '{"a": "sk alice"}'])
def test_a_wrong_secret_is_never_shown(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({**TOLD, "SWITCHYARD_API_KEYS": value})

    assert "SWITCHYARD_API_KEYS" in str(caught.value)
    assert "alice" not in str(caught.value)


def test_no_repr_shows_a_key() -> None:
    assert "sk-" not in repr(load({**TOLD, **EXTERNAL}))


def test_the_smoke_key_is_one_more_key() -> None:
    settings = load({**TOLD, "SWITCHYARD_SMOKE_KEY": "sk-smoke"})

    assert settings.api_keys == {"alice": "sk-alice", SMOKE_KEY_NAME: "sk-smoke"}


def test_an_empty_object_of_keys_is_an_environment_without_clients_yet() -> None:
    assert load({**TOLD, "SWITCHYARD_API_KEYS": "{}"}).api_keys == {}


@pytest.mark.parametrize("missing", ["SWITCHYARD_EXTERNAL_FALLBACK", "OPENAI_API_KEY"])
def test_prompts_leave_only_when_allowed_and_with_a_key(missing: str) -> None:
    told = {**TOLD, **EXTERNAL}
    account = load(told).openai
    assert account is not None and account.base_url == "https://api.openai.com/v1"

    del told[missing]
    assert load(told).openai is None


def test_never_wins_over_a_key() -> None:
    assert load({**TOLD, **EXTERNAL, "SWITCHYARD_EXTERNAL_FALLBACK": "never"}).openai is None


def test_an_account_without_a_model_is_a_problem() -> None:
    told = {**TOLD, **EXTERNAL, "SWITCHYARD_OPENAI_MODEL": ""}
    with pytest.raises(SettingsError, match="SWITCHYARD_OPENAI_MODEL is not set"):
        load(told)
