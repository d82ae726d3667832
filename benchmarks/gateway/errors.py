"""What ends a benchmark. A message says what failed and the next command."""


class BenchmarkFailed(Exception):
    """Shown without a traceback."""
