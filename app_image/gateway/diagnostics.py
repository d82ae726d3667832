"""What libraries and the gateway itself have to say, as JSON lines on standard error. Requests are not logged here."""

import logging
from typing import TextIO

import msgspec


def log_as_json(stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()
