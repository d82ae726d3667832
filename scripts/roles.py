"""As whom a task acts. A rehearsal gives it exactly this role's credentials; in AWS the operator logs in as it."""

from enum import StrEnum


class Role(StrEnum):
    """`docs/permissions.md` says what each may do.

    The deployer makes releases and takes them back (the pipeline's role). The operator does that as well, and
    operates: secrets, capacity, looking. The owner sets an account up, changes what exists and spends money: a
    person's own credentials, for which the program makes no role.
    """

    DEPLOYER = "deployer"
    OPERATOR = "operator"
    OWNER = "owner"
