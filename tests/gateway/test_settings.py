"""The environment is read once, and every problem of it is told at once."""

import pytest
from gateway.errors import SettingsError
from gateway.settings import SMOKE_KEY_NAME, load

TOLD = {
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
        load({})

    assert {problem.split()[0] for problem in caught.value.problems} == TOLD.keys()


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
