"""How much the volume varies, and when that is not known."""

from datetime import date, timedelta

import pytest

from scripts.capacity.volume import given, measured

TODAY = date(2026, 11, 25)


def days(*monthly: float) -> dict[date, float]:
    """Windows of 30 days before today, the newest first, spread evenly."""
    return {
        TODAY - timedelta(days=30 * number + day): total / 30
        for number, total in enumerate(monthly)
        for day in range(1, 31)
    }


def test_steady_volume_varies_by_nothing() -> None:
    found = measured(days(3000, 3000, 3000), TODAY)
    assert (found.percent, len(found.windows), found.varies_much) == (pytest.approx(0), 3, False)


def test_the_window_farthest_from_the_mean_decides() -> None:
    found = measured(days(1000, 1000, 4000), TODAY)
    assert found.percent == pytest.approx(100)
    assert found.varies_much


def test_half_is_not_yet_more_than_half() -> None:
    assert not given(50).varies_much
    assert given(50.1).varies_much


@pytest.mark.parametrize("history", [{}, days(3000), {**days(3000), TODAY - timedelta(days=45): 9.0}])
def test_fewer_than_two_full_windows_are_not_known(history: dict[date, float]) -> None:
    found = measured(history, TODAY)
    assert found.percent is None
    assert not found.varies_much
    assert "not known" in str(found)


def test_today_is_not_counted_because_it_is_not_over() -> None:
    assert measured(days(3000, 3000) | {TODAY: 1e9}, TODAY).percent == pytest.approx(0)


def test_a_day_without_a_data_point_is_a_day_without_requests() -> None:
    history = days(3000, 3000)
    for day in range(1, 29):
        del history[TODAY - timedelta(days=day)]
    assert measured(history, TODAY).windows == (pytest.approx(200), pytest.approx(3000))


def test_no_more_than_a_year_is_looked_at() -> None:
    assert len(measured(days(*[3000] * 14), TODAY).windows) == 12
