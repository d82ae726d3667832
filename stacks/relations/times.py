"""The times that must fit together for a stream to survive a release."""

from stacks.relations.rule import Rule, between

RULES = (
    between("streamLimitSeconds", 1, 3600, "a target group deregisters for at most an hour"),
    between("deregistrationDelaySeconds", 0, 3600, "Elastic Load Balancing's limits"),
    between("idleTimeoutSeconds", 1, 4000, "Elastic Load Balancing's limits"),
    between("stopTimeoutSeconds", 2, 120, "ECS's limits on Fargate"),
    Rule(
        ("deregistrationDelaySeconds", "streamLimitSeconds"),
        lambda delay, limit: delay >= limit,
        "the delay must be at least the stream limit, else a release cuts the longest streams",
    ),
    Rule(
        ("idleTimeoutSeconds", "streamLimitSeconds"),
        lambda idle, limit: idle >= limit,
        "the idle timeout must be at least the stream limit: an answer not streamed is silent until it is whole",
    ),
    Rule(
        ("keepAliveSeconds", "idleTimeoutSeconds"),
        lambda keep_alive, idle: keep_alive > idle,
        "a server must keep a connection longer than the load balancer does, else a reused one is reset",
    ),
    Rule(
        ("settleTimeoutSeconds", "deregistrationDelaySeconds", "stopTimeoutSeconds"),
        lambda settle, delay, stop: settle >= delay + stop,
        "settling must outlast draining (deregistration delay + stop timeout)",
    ),
)
