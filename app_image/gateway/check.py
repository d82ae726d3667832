"""`python -m gateway.check`: the container's health check. Exits 0 when GET /health answers 200 within two seconds.

The standard library's sockets only: it runs every few seconds beside the gateway, and imports cost more than it does.
"""

import os
import socket
import sys

_PORT = 8080
_STEP_SECONDS = 1.0  # to connect, and again to answer: two seconds in all
_EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
_REQUEST = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


def main() -> int:
    bound = os.environ.get("SWITCHYARD_BIND_ADDRESS", "")
    address = "127.0.0.1" if bound in _EVERY_ADDRESS else bound
    try:
        status_line = _ask(address)
    except OSError as error:
        status_line = str(error)
    if status_line.startswith("HTTP/1.1 200 "):
        return 0
    print(f"gateway.check: GET http://{address}:{_PORT}/health: {status_line}", file=sys.stderr)
    return 1


def _ask(address: str) -> str:
    with socket.create_connection((address, _PORT), timeout=_STEP_SECONDS) as connection:
        connection.sendall(_REQUEST)
        return connection.recv(64).decode("latin-1").partition("\r\n")[0]


if __name__ == "__main__":
    sys.exit(main())
