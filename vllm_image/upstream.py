"""What the container asks its own vLLM: health, one-token completions, and how many tokens it has made."""

import http.client
import json
import uuid
from typing import Protocol

from vllm_image.readiness import Answer

_QUICK_SECONDS = 2.0
_TOKENS_METRIC = "vllm:generation_tokens_total"


class Upstream(Protocol):
    """What the monitor needs of vLLM."""

    def healthy(self) -> Answer: ...

    def complete(self, timeout_seconds: float) -> Answer: ...

    def tokens_made(self) -> float | None: ...


class Vllm:
    """vLLM over HTTP. A connection lasts one request: a connection kept would hide a listener that is gone."""

    def __init__(self, address: str, port: int, model: str) -> None:
        self._address = address
        self._port = port
        self._model = model

    def healthy(self) -> Answer:
        status, body = self._ask("GET", "/health", _QUICK_SECONDS)
        return Answer(status == 200, f"/health: {_told(status, body)}")

    def complete(self, timeout_seconds: float) -> Answer:
        question = {
            "model": self._model,
            "messages": [{"role": "user", "content": "ping"}],
            "max_tokens": 1,
            "temperature": 0,
        }
        status, body = self._ask("POST", "/v1/chat/completions", timeout_seconds, question)
        is_good = status == 200 and b'"choices"' in body
        return Answer(is_good, f"one-token completion: {_told(status, body)}")

    def tokens_made(self) -> float | None:
        status, body = self._ask("GET", "/metrics", _QUICK_SECONDS)
        return _sum_of(_TOKENS_METRIC, body.decode(errors="replace")) if status == 200 else None

    def _ask(self, method: str, path: str, timeout_seconds: float, question: object = None) -> tuple[int, bytes]:
        """Status and body; status 0 with the reason as body when there was no answer."""
        connection = http.client.HTTPConnection(self._address, self._port, timeout=timeout_seconds)
        headers = {"content-type": "application/json", "x-request-id": f"probe-{uuid.uuid4().hex}"}
        try:
            connection.request(method, path, None if question is None else json.dumps(question), headers)
            response = connection.getresponse()
            return response.status, response.read()
        except TimeoutError:
            return 0, f"no answer within {timeout_seconds:g} s".encode()
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}".encode()
        finally:
            connection.close()


def _told(status: int, body: bytes) -> str:
    text = body[:200].decode(errors="replace")
    return text if status == 0 else f"status {status} {text}".rstrip()


def _sum_of(metric: str, exposition: str) -> float | None:
    lines = [line for line in exposition.splitlines() if line.startswith((f"{metric}{{", f"{metric} "))]
    try:
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines) if lines else None
    except ValueError:
        return None
