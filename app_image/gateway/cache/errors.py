"""Why an item of the cache is no answer."""


class Expired(Exception):
    """It is too old to be given to anybody."""


class Unreadable(Exception):
    """It is none, or was written by a release that this one does not understand."""
