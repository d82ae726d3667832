"""When CloudWatch wakes somebody: each alarm is silent just before its boundary and rings just after it."""

from pathlib import Path

import pytest

from stacks.alarms import BLOCKS, Alarm, Watched, alarms
from stacks.naming import Colour, Names, Part
from tests.stacks.declared import Declaration, Program
from tests.stacks.metric_math import rings

ROOT = Path(__file__).resolve().parent.parent.parent
WATCHED = Watched(
    names=Names("staging"),
    balancers={part: f"app/{part}/1" for part in Part},
    target_groups={part: {colour: f"targetgroup/{part}-{colour}/1" for colour in Colour} for part in Part},
    hosts_group="hosts",
    certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/1",
    unsettled_hours=4,
)
TOPIC = "arn:aws:sns:us-east-1:111122223333:alerts-topic"
ALARMS = {alarm.full_name: alarm for alarm in alarms(WATCHED)}


def always(alarm: Alarm, **now: float) -> bool:
    """Whether it rings when every period looks like this."""
    return rings(alarm, [now] * alarm.periods)


# fmt: off
BOUNDARIES: list[tuple[str, dict[str, float], dict[str, float]]] = [
    # name, silent, ringing
    ("ApiErrorsBlue", {"requests": 420, "errors": 20}, {"requests": 420, "errors": 21}),
    ("ApiErrorsGreen", {"requests": 19, "errors": 19}, {"requests": 20, "errors": 19}),
    ("ApiErrorsGreen", {"requests": 100, "refused": 4}, {"requests": 100, "refused": 5}),
    ("VllmErrorsBlue", {"requests": 40, "errors": 1}, {"requests": 40, "errors": 1, "refused": 1}),
    ("ApiOutage", {"blue_requests": 1, "blue_healthy": 1}, {"blue_requests": 1, "blue_healthy": 0}),
    ("ApiOutage", {"own": 5, "green_healthy": 1}, {"own": 5}),
    ("ApiOutage", {"own": 4}, {"own": 5}),
    ("VllmOutage", {"own": 1, "blue_healthy": 1}, {"own": 1}),
    ("HostNotJoined", {"paid": 2, "joined": 2}, {"paid": 2, "joined": 1}),
    ("VllmOutage", {"green_requests": 1, "green_healthy": 1}, {"green_requests": 1, "blue_healthy": 2}),
    ("LoadBalancerErrors", {"requests": 96, "own": 4}, {"requests": 95, "own": 5}),
    ("LoadBalancerErrors", {"own": 19}, {"own": 20}),
    ("UnattendedSplit", {"blue": 210, "green": 210, "beat": 1}, {"blue": 210, "green": 210}),
    ("UnattendedSplit", {"blue": 420, "green": 10}, {"blue": 420, "green": 11}),
    ("UnsettledColour", {"vllm_blue": 2, "api_blue": 3}, {"vllm_blue": 2, "vllm_green": 1}),
    ("UnsettledColour", {"api_green": 3}, {"api_green": 3, "api_blue": 1}),
    ("HostsMissing", {"desired": 2, "serving": 2}, {"desired": 2, "serving": 1}),
    ("CertificateExpiry", {"days": 30}, {"days": 29}),
]
# fmt: on


@pytest.mark.parametrize(("name", "silent", "ringing"), BOUNDARIES)
def test_an_alarm_is_silent_before_its_boundary_and_rings_after_it(
    name: str, silent: dict[str, float], ringing: dict[str, float]
) -> None:
    assert not always(ALARMS[name], **silent)
    assert always(ALARMS[name], **ringing)


def test_every_alarm_has_a_boundary_case_for_one_of_its_colours() -> None:
    assert {ALARMS[name].name for name, _, _ in BOUNDARIES} == {alarm.name for alarm in ALARMS.values()}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_environment_without_traffic_wakes_nobody(name: str) -> None:
    assert not always(ALARMS[name])


def test_one_bad_minute_wakes_nobody_and_a_host_may_take_its_time_to_start() -> None:
    bad, good = {"requests": 100.0, "errors": 100.0}, {"requests": 100.0}
    assert not rings(ALARMS["ApiErrorsBlue"], [good, bad, good])
    assert rings(ALARMS["ApiErrorsBlue"], [bad, good, bad])
    booting = [{"desired": 2.0, "serving": 1.0}] * (ALARMS["HostsMissing"].breaching_periods - 1)
    settled = [{"desired": 1.0, "serving": 1.0}] * 3
    assert not rings(ALARMS["HostsMissing"], [*settled, *booting])


@pytest.mark.parametrize(("name", "silent", "ringing"), BOUNDARIES)
def test_numbers_that_have_not_arrived_yet_silence_no_alarm(
    name: str, silent: dict[str, float], ringing: dict[str, float]
) -> None:
    """The newest period is empty each time the alarm is looked at; a series that is never late is complete."""
    alarm = ALARMS[name]
    if any(metric.zero_when_missing for metric in alarm.metrics.values()):
        assert rings(alarm, [ringing] * (alarm.periods - 1) + [{}])


def test_late_weights_after_a_switch_are_no_unattended_split() -> None:
    """Two minutes are known; smoke asks a colour without weight less than the floor."""
    late = [{"blue": 210.0, "green": 210.0}] * 2 + [{"green": 420.0}] * 3
    assert not rings(ALARMS["UnattendedSplit"], late)
    assert not always(ALARMS["UnattendedSplit"], blue=420, green=9)


def test_what_a_release_may_cure_does_not_block_one() -> None:
    blocking = {alarm.name for alarm in ALARMS.values() if alarm.blocks_release}
    assert blocking == {"ApiErrors", "VllmErrors", "UnattendedSplit"}


def test_an_alarm_that_blocks_says_so_in_its_description_and_no_other_does() -> None:
    for alarm in ALARMS.values():
        assert (BLOCKS in alarm.description) == alarm.blocks_release
        assert len(alarm.description) <= 1024


def test_an_alarm_keeps_to_cloudwatchs_limits() -> None:
    """Ten metrics in an expression (CloudWatch user guide); a day in all, or seven with periods of an hour."""
    for alarm in ALARMS.values():
        assert len(alarm.metrics) < 10
        longest = 7 * 86400 if alarm.period_seconds >= 3600 else 86400
        assert alarm.periods * alarm.period_seconds <= longest


def declared(program: Program) -> list[Declaration]:
    return program.of("MetricAlarm")


def test_every_alarm_is_declared_tells_the_topic_and_carries_its_tags(program: Program) -> None:
    found = {alarm.inputs["name"].rpartition("-")[2]: alarm.inputs for alarm in declared(program)}
    assert set(found) == set(ALARMS)
    for name, inputs in found.items():
        assert inputs["alarmActions"] == inputs["okActions"] == [TOPIC]
        assert inputs["tags"]["blocks-release"] == str(ALARMS[name].blocks_release).lower()
        assert inputs["tags"]["severity"] in ("page", "ticket")
        assert inputs["treatMissingData"] == "notBreaching"


def test_an_alarm_watches_this_environments_own_resources(production: Program) -> None:
    (alarm,) = [found for found in declared(production) if found.inputs["name"].endswith("VllmErrorsGreen")]
    groups = {
        query["metric"]["dimensions"]["TargetGroup"] for query in alarm.inputs["metricQueries"] if "metric" in query
    }
    assert groups == {"internal-vllm-green"}


def test_exactly_one_query_of_an_alarm_is_its_result(program: Program) -> None:
    for alarm in declared(program):
        results = [query for query in alarm.inputs["metricQueries"] if query.get("returnData")]
        assert len(results) == 1 and "expression" in results[0]


def test_the_hosts_group_publishes_what_its_alarm_reads(program: Program) -> None:
    (group,) = program.of("Group")
    assert {"GroupDesiredCapacity", "GroupInServiceInstances"} <= set(group.inputs["enabledMetrics"])


def test_every_alarm_has_a_page_and_every_page_an_alarm() -> None:
    pages = {file.stem for file in (ROOT / "runbooks/alerts").glob("*.md")}
    assert pages == {alarm.name for alarm in ALARMS.values()} | {"MonthlyBudget"}


@pytest.mark.parametrize("page", sorted((ROOT / "runbooks/alerts").glob("*.md")), ids=lambda page: page.stem)
def test_a_page_is_short_and_has_the_four_headings(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert lines[0] == f"# {page.stem}"
    assert [line for line in lines if line.startswith("## ")] == [
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
    ]
    assert len(lines) <= 80
    assert page.name in (ROOT / "runbooks/README.md").read_text()
