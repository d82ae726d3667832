"""What a child process of a test inherits even where its environment is made by hand: the coverage measurement."""

import os

MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
