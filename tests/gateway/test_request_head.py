"""Which headers of a client matter, and what becomes of odd ones."""

import math

import pytest
from gateway.errors import ApiError
from gateway.request_head import RequestHead


def test_a_request_id_that_is_fit_is_kept_and_any_other_replaced() -> None:
    assert RequestHead([(b"x-request-id", b"resume-4711")]).request_id == "resume-4711"
    for odd in (b"", b"two words", b"x" * 129, "ü".encode()):
        assert len(RequestHead([(b"x-request-id", odd)]).request_id) == 32
    assert RequestHead([]).request_id != RequestHead([]).request_id


@pytest.mark.parametrize("value", [b"no-store", b"max-age=0, No-Store", b"NO-STORE"])
def test_no_store_is_understood_among_others(value: bytes) -> None:
    assert RequestHead([(b"cache-control", value)]).no_store
    assert not RequestHead([(b"cache-control", b"no-cache")]).no_store
    assert RequestHead([(b"cache-control", value), (b"cache-control", b"max-age=1")]).no_store


def test_a_preview_is_noticed_whatever_its_token() -> None:
    assert RequestHead([(b"x-switchyard-preview", b"")]).previewed
    assert not RequestHead([]).previewed


@pytest.mark.parametrize(("value", "seconds"), [(b"12.5", 12.5), (b" 3 ", 3.0), (b"1e3", 1000.0)])
def test_a_deadline_is_a_number_of_seconds(value: bytes, seconds: float) -> None:
    assert RequestHead([(b"x-request-deadline-seconds", value)]).deadline_seconds() == seconds


def test_without_a_deadline_only_the_gateways_limits_count() -> None:
    assert RequestHead([]).deadline_seconds() == math.inf


@pytest.mark.parametrize("value", [b"0", b"-1", b"soon", b"nan", b"\xff", b"1,5"])
def test_an_odd_deadline_is_refused_with_its_value(value: bytes) -> None:
    with pytest.raises(ApiError, match="x-request-deadline-seconds is") as refused:
        RequestHead([(b"x-request-deadline-seconds", value)]).deadline_seconds()
    assert refused.value.status == 400
