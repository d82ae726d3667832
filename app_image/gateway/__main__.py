"""`python -m gateway`: runs the gateway until SIGTERM, exits 0; or says in one message why not, exits 1."""

import asyncio
import os
import sys

import uvloop

from gateway import environment
from gateway.diagnostics import log_as_json
from gateway.errors import GatewayError
from gateway.server import serve


def main() -> int:
    try:
        told = environment.load(os.environ)
        log_as_json(sys.stderr)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(told))
    except GatewayError as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
