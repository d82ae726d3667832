"""What is collected, kept and told."""

import re

from stacks.relations.rule import Rule, between


def _pinned(key: str) -> tuple[Rule, ...]:
    return (
        Rule(
            ("environment", key),
            lambda environment, image: image != "unpinned" or environment == "rehearsal",
            f"pin it: docker buildx imagetools inspect IMAGE:TAG, then pulumi config set {key} IMAGE@sha256:DIGEST",
        ),
        Rule(
            (key,),
            lambda image: image == "unpinned" or re.fullmatch(r".+@sha256:[0-9a-f]{64}", image) is not None,
            "expected IMAGE@sha256:DIGEST",
        ),
    )


RULES = (
    *(rule for key in ("collectorImage", "gpuExporterImage") for rule in _pinned(key)),
    Rule(
        ("logRetentionDays",),
        lambda days: days in (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        "CloudWatch Logs keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days",
    ),
    Rule(
        ("alertEmails",),
        lambda addresses: all(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address) for address in addresses),
        "expected e-mail addresses",
    ),
    Rule(
        ("alertEmails",),
        lambda addresses: len(set(addresses)) == len(addresses) <= 10,
        "expected at most ten different addresses (AWS Budgets takes no more): use a mailing list",
    ),
    between("monthlyBudgetUsd", 1, 10_000_000, "whole US dollars"),
)
