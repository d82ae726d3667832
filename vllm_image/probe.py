"""The container check: `python3 probe.py` exits 0 while launch.py says /live is good, else 1 with the reason.

It never asks vLLM itself: vLLM's /health is 200 while the engine hangs, and a completion from here would
race with the ones that launch.py counts.
"""

import http.client
import os
import sys
from pathlib import Path

if not __package__:  # run as a script: the folder it lies in is the package
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vllm_image.addresses import READY_PORT, check_address

_TIMEOUT_SECONDS = 3.0


def main() -> int:
    """Ask once."""
    address = check_address(os.environ)
    connection = http.client.HTTPConnection(address, READY_PORT, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/live")
        response = connection.getresponse()
        print(response.read().decode(errors="replace"))
        return 0 if response.status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        print(f"probe: http://{address}:{READY_PORT}/live: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
