"""Who may release and who may operate."""

import re

from stacks.relations.rule import Rule

RULES = (
    Rule(
        ("githubRepository",),
        lambda repository: repository is None or re.fullmatch(r"[\w.-]+/[\w.-]+", repository) is not None,
        "expected OWNER/NAME",
    ),
    Rule(
        ("githubEnvironment",),
        lambda environment: environment is None or re.fullmatch(r"[\w.-]+", environment) is not None,
        "expected the name of a GitHub environment: letters, digits, dots, dashes",
    ),
    Rule(
        ("githubRepository", "githubEnvironment"),
        lambda repository, environment: repository is not None or environment is None,
        "a GitHub environment without a repository means nothing",
    ),
    Rule(
        ("operatorPrincipalArns",),
        lambda arns: all(re.fullmatch(r"arn:[\w-]+:iam::\d{12}:(root|role/.+|user/.+)", arn) for arn in arns),
        "expected ARNs of IAM roles, users or accounts (root); a wildcard would let others in",
    ),
)
