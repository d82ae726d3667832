"""Every error that the rehearsal raises: one base, one sentence each, with the next command."""


class RehearsalError(Exception):
    """The rehearsal cannot go on; the message says what failed and what to run next."""


class AlreadyRunning(RehearsalError):
    """Another rehearsal holds the folder."""


class PortTaken(RehearsalError):
    """The door's port is in use by somebody else."""


class NotRunning(RehearsalError):
    """No rehearsal runs in the folder."""


class ProvisioningFailed(RehearsalError):
    """The Pulumi program did not finish against the rehearsal's AWS."""


class StartFailed(RehearsalError):
    """A process of the rehearsal did not come up."""


class UnknownFault(RehearsalError):
    """A fault that is not in the closed set, or a value it does not take."""


class Unsupported(RehearsalError):
    """This machine, or a load balancer feature, is outside what the rehearsal imitates."""
