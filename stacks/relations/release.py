"""The numbers that decide how a release is made."""

from stacks.relations.rule import Rule, between, more_than_zero

RULES = (
    *more_than_zero("startTimeoutSeconds", "pollSeconds", "switchTimeoutSeconds", "bakeSeconds"),
    *more_than_zero("rollbackWatchSeconds", "leaseSeconds"),
    Rule(
        ("unsettledAlarmHours",),
        lambda hours: hours in range(1, 25),
        "expected 1 to 24 whole hours (CloudWatch looks back at most a day in steps of an hour)",
    ),
    between("probeAnswers", 1, 1000, "answers in a row on each address"),
    Rule(
        ("environment", "holdSeconds"),
        lambda environment, hold: hold >= (0 if environment == "rehearsal" else 120),
        "weights apply up to two minutes late: hold the old colour for at least 120 (only 'rehearsal' may hold less)",
    ),
    Rule(
        ("intentValidSeconds",),
        lambda valid: 0 < valid <= 5,
        "an announced write must follow within 5 s, else a stale holder could act on it",
    ),
    Rule(
        ("leaseSeconds", "intentValidSeconds"),
        lambda lease, valid: lease >= 2 * valid,
        "a lease must outlast two announced writes",
    ),
)
