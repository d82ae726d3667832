"""A made-up run with one of everything, for the tests of the report."""

from dataclasses import replace

from rehearsal.report import Fallback, Machine, Permissions, ReportFacts, Resources
from rehearsal.traffic.accounting import Account, StepWindow, account
from rehearsal.traffic.outage import Outage
from rehearsal.traffic.record import Outcome, Record

BEGAN = 1_795_000_000.0
SWITCHED = 15.0
EVIL = '<script src="https://evil.example/x.js">&'

FACTS = ReportFacts(
    story="release",
    resources=Resources(realised=94, accepted_only=("aws:wafv2/webAcl:WebAcl",)),
    permissions=(Permissions("deployer", (), ("ecs:TagResource",)), Permissions("operator", (), ())),
    not_proven=("WAF rules and DNS.", "Quotas and EC2 capacity."),
    machine=Machine(cores=2, memory_mb=8000, python="3.11.9", kernel="Linux 6.8", peak_memory_mb=1234.5),
)

FACTS_OF_OUTAGE = replace(FACTS, fallback=Fallback(12.5, 90, 63_000, 9_000, 0.2475, 2.012))


def record(number: int, **changes: object) -> Record:
    """An answered request, ten a second: blue until the switch, green after."""
    started = number / 10
    colour = "blue" if started < SWITCHED else "green"
    good = Record(
        f"traffic-{number}", BEGAN + started, "127.0.0.1:8443", number % 2 == 0, 200, Outcome.ANSWERED, None,
        colour, "blue", "r-1", "vllm", 60.0, 500.0 + number,
    )  # fmt: skip
    return replace(good, **changes)  # type: ignore[arg-type]


def windows() -> list[StepWindow]:
    return [
        StepWindow("deploy-green", BEGAN + 2, BEGAN + 12),
        StepWindow("switchover", BEGAN + 14, BEGAN + 20),
        StepWindow("broken candidate", BEGAN + 21, BEGAN + 28, exit_code=2, expected_exit_code=2),
    ]


def good_run() -> Account:
    return account([record(number) for number in range(300)], [], windows())


def bad_run() -> Account:
    """One lost in step 1, one cut in step 2, one refused, one without an end, one generated twice."""
    changes: dict[int, dict[str, object]] = {
        50: {"outcome": Outcome.LOST, "status": 503, "error": EVIL, "colour": None},
        160: {"outcome": Outcome.CUT, "error": "the stream does not end with one [DONE]"},
        165: {"outcome": Outcome.REFUSED, "status": 401, "error": "status 401: unknown key"},
        299: {"outcome": None, "status": None, "ms": None, "colour": None},
    }
    records = [record(number, **changes.get(number, {})) for number in range(300)]
    return account(records, ["traffic-7", "traffic-7", "traffic-8"], windows())


def outage_run() -> Account:
    """vLLM is killed after 10 s, which cuts one stream, and is back after 12.5 s; OpenAI answers between."""
    cut = {"outcome": Outcome.CUT, "error": "error event: the answer ended before it was complete", "told": True}
    changes = {number: {"tier": "openai"} for number in range(101, 126)} | {98: cut}
    records = [record(number, **changes.get(number, {})) for number in range(300)]
    return account(records, [], windows(), Outage(BEGAN + 10, BEGAN + 12.5))
