"""`python -m stacks.offline ENVIRONMENT`: what the program declares for an environment, as one JSON object on stdout.

Needs no cloud, no credentials and no secrets: `placeholders.py` stands for what only the owner knows. Secrets in
inputs are not printed. Exit codes: 0 printed, 1 not, with the reason on stderr.
"""

import json
import sys
import traceback

from stacks.errors import StacksError
from stacks.offline import placeholders
from stacks.offline.recorder import record


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        print("usage: python -m stacks.offline ENVIRONMENT", file=sys.stderr)
        return 1
    try:
        found = record(argv[0], placeholders.completed(argv[0]))
    except StacksError as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        print("the program did not finish; the cause is above", file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
