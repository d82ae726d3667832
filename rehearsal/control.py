"""The loopback control server: faults, facts for the report, and the order to go down. One JSON object each way."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol

from rehearsal.errors import RehearsalError


class Controlled(Protocol):
    """What the server can ask of the world."""

    def set_fault(self, name: str, colour: str | None, value: str | None) -> dict[str, Any]: ...
    def heal(self, name: str | None) -> dict[str, Any]: ...
    def faults(self) -> dict[str, Any]: ...
    def facts(self) -> dict[str, Any]: ...
    def ask_to_stop(self) -> dict[str, Any]: ...


class Control:
    """Serves until stopped. `url` is known once it exists."""

    def __init__(self, world: Controlled) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"routes": _routes(world)}))
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


Route = Callable[[dict[str, Any]], dict[str, Any]]


def _routes(world: Controlled) -> dict[tuple[str, str], Route]:
    return {
        ("GET", "/faults"): lambda _: world.faults(),
        ("POST", "/faults"): lambda asked: world.set_fault(asked["name"], asked.get("colour"), asked.get("value")),
        ("POST", "/heal"): lambda asked: world.heal(asked.get("name")),
        ("GET", "/facts"): lambda _: world.facts(),
        ("POST", "/stop"): lambda _: world.ask_to_stop(),
    }


class _Handler(BaseHTTPRequestHandler):
    """Answers from `routes`, which a subclass fills."""

    routes: ClassVar[dict[tuple[str, str], Route]] = {}

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:
        return None

    def _answer(self, method: str) -> None:
        route = self.routes.get((method, self.path))
        if route is None:
            self._send(404, {"error": f"no {method} {self.path} here"})
            return
        try:
            self._send(200, route(self._body()))
        except (RehearsalError, KeyError, ValueError) as error:
            self._send(400, {"error": str(error)})

    def _body(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length)) if length else {}

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
