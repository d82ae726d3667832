"""moto behind one loopback address: each request is named, noted, perhaps answered with an old answer, then served.

All requests run one at a time under `lock`, which the scheduler and the load balancer take as well when they
read moto's state, because moto's state has no locks of its own.
"""

import io
import logging
import threading
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

from rehearsal.cloud import additions
from rehearsal.cloud.backends import ACCOUNT_ID
from rehearsal.cloud.calls import Call, identify
from rehearsal.cloud.journal import CallJournal
from rehearsal.cloud.staleness import StaleReads
from stacks.accounts import Account


class Cloud:
    """The rehearsal's AWS. `start` empties moto's state: there is one cloud a process."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.lock = threading.RLock()
        self.calls = CallJournal(Account("aws", region, ACCOUNT_ID))
        self.stale_reads: StaleReads[Response] = StaleReads()
        # Called after a request was served and before its answer goes out: where a test stops a caller in between.
        self.before_answer: Callable[[Call], None] = _nothing
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def endpoint_url(self) -> str:
        if self._server is None:
            raise RuntimeError("the cloud is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto_api_backend.reset()
        application = _Application(self)
        self._server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="cloud", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        additions.restore()


class _Application:
    """The WSGI application around moto's own."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        call = _identify(environ)
        if call is not None:
            self._cloud.calls.add(call)
        response = self._cloud.stale_reads.earlier(call) if call else None
        if response is None:
            response = self._serve(environ, call)
        if call is not None:
            self._cloud.before_answer(call)
        return response(environ, start_response)

    def _serve(self, environ: dict[str, Any], call: Call | None) -> Response:
        with self._cloud.lock:
            response: Response = Response.from_app(self._moto, environ, buffered=True)
        if call is not None and response.status_code == 200:
            self._cloud.stale_reads.remember(call, response)
        return response


def _nothing(call: Call) -> None:
    return None


def _identify(environ: dict[str, Any]) -> Call | None:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    headers = {name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
    method, query = str(environ.get("REQUEST_METHOD", "")), str(environ.get("QUERY_STRING", ""))
    return identify(headers, str(environ.get("PATH_INFO", "")), body, method=method, query=query)
