"""What a gateway that runs alone is told."""

import json

import pytest
from gateway.environment import load

from scripts.errors import WrongUsage
from scripts.gateway.order import Order, Place, asked_model, place, told, upstream_url
from scripts.keys import client_key

PLACE = Place("127.0.0.1", 8080, 9090)
ORDER = Order("http://gpu:8000", "tiny/model", PLACE, "local", client_key.fresh())


def test_the_gateway_understands_what_it_is_told() -> None:
    found = load(told(ORDER, {}))
    assert (found.vllm_url, found.model) == ("http://gpu:8000", "tiny/model")
    assert (found.bind_address, found.http_port, found.metrics_port) == ("127.0.0.1", 8080, 9090)
    assert found.api_keys == {"local": ORDER.new_key}
    assert (found.release, found.tables, found.openai, found.stop_timeout_seconds) == ("local", None, None, 10)


def test_an_environments_tables_and_credentials_do_not_reach_it() -> None:
    around = {
        "SWITCHYARD_ENVIRONMENT": "production",
        "SWITCHYARD_KEYS_TABLE": "switchyard-production-keys",
        "SWITCHYARD_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    assert told(ORDER, around) == told(ORDER, {})


def test_all_else_that_the_gateway_can_be_told_passes_on() -> None:
    around = {
        "SWITCHYARD_MAX_OUTPUT_TOKENS": "64",
        "SWITCHYARD_EXTERNAL_FALLBACK": "allow",
        "OPENAI_API_KEY": "o",
        "SWITCHYARD_OPENAI_MODEL": "gpt-4o",
    }
    found = load(told(ORDER, around))
    assert found.limits.output_tokens == 64
    assert found.openai is not None and found.openai.model == "gpt-4o"


def test_keys_of_the_environment_stay_where_no_key_was_made() -> None:
    around = {"SWITCHYARD_API_KEYS": json.dumps({"ana": "k" * 32})}
    assert load(told(Order("http://gpu:8000", "m", PLACE), around)).api_keys == {"ana": "k" * 32}


def test_a_new_key_shows_in_no_traceback() -> None:
    assert ORDER.new_key is not None and ORDER.new_key not in repr(ORDER)


@pytest.mark.parametrize("given", ["http://gpu:8000", "http://gpu:8000/", "http://gpu:8000/v1", "http://gpu:8000/v1/"])
def test_a_server_is_the_same_with_and_without_v1(given: str) -> None:
    assert upstream_url(given, {}) == "http://gpu:8000"


def test_a_flag_comes_before_the_kits_variable_and_that_before_the_articles() -> None:
    both = {
        "SWITCHYARD_VLLM_URL": "http://kit",
        "VLLM_URL": "http://article",
        "SWITCHYARD_MODEL": "k",
        "MODEL_NAME": "a",
    }
    article = {"VLLM_URL": "http://article", "MODEL_NAME": "a"}
    assert [upstream_url(given, found) for given, found in (("http://flag", both), (None, both), (None, article))] == [
        "http://flag",
        "http://kit",
        "http://article",
    ]
    assert [asked_model(*asked) for asked in (("f", both), (None, both), (None, article), (None, {}))] == [
        "f",
        "k",
        "a",
        None,
    ]


@pytest.mark.parametrize("wrong", ["gpu:8000", "ftp://gpu", "http://", "http://gpu:port"])
def test_a_url_that_is_none_is_named_with_what_said_it(wrong: str) -> None:
    with pytest.raises(WrongUsage, match="--url"):
        upstream_url(wrong, {})
    with pytest.raises(WrongUsage, match="VLLM_URL"):
        upstream_url(None, {"VLLM_URL": wrong})


def test_without_a_server_both_ways_to_name_one_are_said() -> None:
    with pytest.raises(WrongUsage, match=r"--url .* VLLM_URL"):
        upstream_url(None, {})


@pytest.mark.parametrize(("port", "metrics_port"), [(0, 9090), (8080, 65536), (8080, 8080)])
def test_ports_that_cannot_be_are_refused(port: int, metrics_port: int) -> None:
    with pytest.raises(WrongUsage, match="port"):
        place("127.0.0.1", port, metrics_port)


@pytest.mark.parametrize(
    ("bind", "is_private", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:80"),
        ("localhost", True, "http://localhost:80"),
        ("::1", True, "http://[::1]:80"),
        ("0.0.0.0", False, "http://127.0.0.1:80"),
        ("10.0.0.7", False, "http://10.0.0.7:80"),
    ],
)
def test_where_it_listens_says_who_reaches_it_and_how(bind: str, is_private: bool, url: str) -> None:
    found = Place(bind, 80, 81)
    assert (found.is_private, found.url) == (is_private, url)
    assert found.metrics_url == url.removesuffix("80") + "81/metrics"
