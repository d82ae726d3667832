"""Who may release and who may operate.

GitHub names a repository in its subjects as OWNER/NAME or, where it was made or renamed since 15 July 2026 or its owner
chose so, as OWNER@ID/NAME@ID (GitHub changelog, "Immutable subject claims for GitHub Actions OIDC tokens").
"""

import re

from stacks.relations.rule import Rule

_REPOSITORY = r"[\w.-]+/[\w.-]+|[\w.-]+@\d+/[\w.-]+@\d+"

RULES = (
    Rule(
        ("githubRepository",),
        lambda repository: repository is None or re.fullmatch(_REPOSITORY, repository) is not None,
        "expected OWNER/NAME or OWNER@ID/NAME@ID, as in the subject of the pipeline's token",
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
        lambda arns: all(re.fullmatch(r"arn:[\w-]+:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)", arn) for arn in arns),
        "expected ARNs of IAM roles, users or accounts (root); a wildcard would let others in",
    ),
)
