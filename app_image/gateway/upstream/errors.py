"""What stays inside this package, or is a caller's mistake.

What can go wrong with an upstream is in gateway.errors, because it decides who is asked next.
"""


class HeaderRefused(ValueError):
    """A header that would change the meaning of the request; names it, never tells its value."""


class NotHttp(Exception):
    """What came is no answer in HTTP/1.1, or none that this client asked for."""
