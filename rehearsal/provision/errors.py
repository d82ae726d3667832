"""Every error of provisioning: one base, one sentence each, with what to do about it."""

from rehearsal.errors import ProvisioningFailed


class ProvisionError(ProvisioningFailed):
    """The program could not be realised."""


class MissingOutput(ProvisionError):
    """A realisation did not return an output that the resource's type promises."""


class OutsideRead(ProvisionError):
    """The program asked the provider for something at run time, which only settings may tell it."""


class NotMade(ProvisionError):
    """AWS took the call and made nothing."""
