"""When a target or a container counts as healthy."""

from stacks.relations.rule import Rule, between


def _floor_in_aws(key: str, low: int, high: int) -> Rule:
    """AWS's limits. The rehearsal's load balancer takes less, and a whole story must fit into three minutes."""
    return Rule(
        ("environment", key),
        lambda environment, value: (1 if environment == "rehearsal" else low) <= value <= high,
        f"expected {low} to {high} (Elastic Load Balancing's limits; only 'rehearsal' may go down to 1)",
    )


def _shorter_than_interval(part: str) -> Rule:
    return Rule(
        ("environment", f"{part}HealthTimeoutSeconds", f"{part}HealthIntervalSeconds"),
        lambda environment, timeout, interval: (
            timeout < interval or (environment == "rehearsal" and timeout == interval)
        ),
        "a check must time out before the next one starts",
    )


RULES = (
    *(_floor_in_aws(f"{part}HealthIntervalSeconds", 5, 300) for part in ("api", "vllm")),
    *(_floor_in_aws(f"{part}HealthTimeoutSeconds", 2, 120) for part in ("api", "vllm")),
    *(_shorter_than_interval(part) for part in ("api", "vllm")),
    *(
        between(f"{part}{count}Count", 2, 10, "Elastic Load Balancing's limits")
        for part in ("api", "vllm")
        for count in ("Healthy", "Unhealthy")
    ),
    between("containerCheckIntervalSeconds", 5, 300, "ECS's limits"),
    between("vllmGraceSeconds", 0, 2147483647, "ECS's limits"),
)
