"""A server that is up and never ready: what a broken API image looks like to its load balancer.

python -m rehearsal.deaf
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Deaf(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, format: str, *args: object) -> None:
        return None


if __name__ == "__main__":
    ThreadingHTTPServer((os.environ.get("SWITCHYARD_BIND_ADDRESS", "127.0.0.1"), 8080), _Deaf).serve_forever()
