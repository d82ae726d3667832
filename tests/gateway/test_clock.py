"""The time that answers are dated with."""

from gateway.clock import seconds_since_boot, steady_clock


class TurnedClock:
    def __init__(self) -> None:
        self.wall, self.elapsed = 1_764_000_000.0, 50.0


def test_jumps_of_the_wall_clock_change_nothing_and_time_goes_on() -> None:
    machine = TurnedClock()
    now = steady_clock(lambda: machine.wall, lambda: machine.elapsed)
    assert now() == 1_764_000_000
    machine.elapsed += 10
    for jump in (-86_400, 86_400, -1e9):
        machine.wall += jump
        assert now() == 1_764_000_010


def test_time_since_boot_never_goes_back() -> None:
    assert seconds_since_boot() <= seconds_since_boot()
