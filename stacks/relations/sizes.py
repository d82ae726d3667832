"""Counts and sizes of tasks and hosts."""

import re

from stacks.instance_types import INSTANCE_TYPES
from stacks.relations.rule import Rule, between, ordered

# The default of hourlyUsd is this type's price (Pulumi.yaml).
_DEFAULT_TYPE, _DEFAULT_HOURLY_USD = "g5.xlarge", 1.006

RULES = (
    ordered("apiMinimumCount", "apiMaximumCount"),
    ordered("vllmMinimumCount", "vllmMaximumCount"),
    Rule(
        ("environment", "vllmMinimumCount"),
        lambda environment, count: environment != "production" or count >= 2,
        "production needs two: with one, every restart of vLLM is an outage of the model",
    ),
    Rule(
        ("apiCpuUnits", "apiMemoryMib"),
        lambda cpu, memory: cpu in (256, 512, 1024, 2048, 4096) and 2 * cpu <= memory <= 8 * cpu,
        "Fargate has 256, 512, 1024, 2048 or 4096 CPU units with two to eight MiB for each",
    ),
    between("apiRequestsPerTarget", 1, 1_000_000, "requests of one gateway task in a minute"),
    between("apiCpuPercent", 1, 90, "above 90 % there is nothing left for the next request"),
    between("vllmQueuePerTask", 1, 1000, "requests that wait for one vLLM task"),
    Rule(("instanceType",), lambda name: name in INSTANCE_TYPES, f"expected one of {', '.join(INSTANCE_TYPES)}"),
    Rule(
        ("instanceType",),
        lambda name: name not in INSTANCE_TYPES or INSTANCE_TYPES[name].carries_all_its_gpus,
        "it has fewer network interfaces than GPUs: some would be paid for and never used",
    ),
    Rule(("gpuAmiId",), lambda image: re.fullmatch(r"ami-[0-9a-f]{8,17}", image) is not None, "expected ami-…"),
    Rule(("hourlyUsd",), lambda price: price > 0, "expected the on-demand price of one host, above 0"),
    Rule(
        ("hourlyUsd", "instanceType"),
        lambda price, name: price != _DEFAULT_HOURLY_USD or name == _DEFAULT_TYPE,
        f"that is the price of a {_DEFAULT_TYPE}: set this type's own, pulumi config set hourlyUsd PRICE "
        "(https://aws.amazon.com/ec2/pricing/on-demand/)",
    ),
    Rule(
        ("instanceType", "vllmMemoryMib"),
        lambda name, memory: (
            name not in INSTANCE_TYPES or memory * INSTANCE_TYPES[name].gpus + 2048 <= INSTANCE_TYPES[name].memory_mib
        ),
        "a task for each GPU of the host, and 2048 MiB for its system, the ECS agent and the collectors",
    ),
    Rule(
        ("vllmSharedMemoryMib", "vllmMemoryMib"),
        lambda shared, memory: 64 <= shared < memory,
        "shared memory counts towards the container's memory",
    ),
    Rule(
        ("instanceType", "maximumHosts", "vllmMinimumCount"),
        lambda name, hosts, count: name not in INSTANCE_TYPES or hosts * INSTANCE_TYPES[name].gpus >= 2 * count,
        "a release runs both colours at once: the hosts must have GPUs for twice the minimum",
    ),
    Rule(
        ("reservedHosts", "maximumHosts"),
        lambda reserved, most: 0 <= reserved <= most,
        "more hosts reserved than may ever run",
    ),
    Rule(
        ("instanceType", "reservedHosts", "vllmMinimumCount"),
        lambda name, reserved, count: (
            name not in INSTANCE_TYPES or (reserved - 1) * INSTANCE_TYPES[name].gpus < count or reserved <= 1
        ),
        "more hosts reserved than one colour's minimum needs: they are paid for at all times",
    ),
)
