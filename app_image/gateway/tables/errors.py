"""What a table can answer instead of an item."""


class TableFailed(Exception):
    """A table did not do, or not in time, what it was asked for. Says which call, and why.

    Whether a failed `add` was made is not known: a caller that adds again counts twice rather than never.
    """
