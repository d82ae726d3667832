"""Whether a rehearsal passed: one answer, for the page and for the exit code of whoever ran it."""

from rehearsal.report.facts import ReportFacts
from rehearsal.traffic.accounting import Account


def passed(account: Account, facts: ReportFacts) -> bool:
    """Every request answered once, every step ended as the story says, no AWS call outside the role."""
    return account.flawless and not facts.permissions.denied


def alarms(account: Account, facts: ReportFacts) -> list[str]:
    """What is wrong beside the traffic, a sentence each."""
    exits = [
        f"{step.window.name} exited with {step.window.exit_code}, expected {step.window.expected_exit_code}."
        for step in account.steps
        if not step.window.as_expected
    ]
    return exits + [f"A task called {action} and is not allowed to." for action in facts.permissions.denied]
