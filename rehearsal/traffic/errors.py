"""What can be wrong with the traffic generator's own work; a lost request is a finding, not an error."""

from rehearsal.errors import RehearsalError


class TrafficError(RehearsalError):
    """Base of all errors of this package."""


class BadSettings(TrafficError):
    """An argument or a variable cannot be used."""


class BadRecords(TrafficError):
    """The record file is missing or was damaged by something other than a kill."""
