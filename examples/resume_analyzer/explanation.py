"""Turns what BAML raises into a sentence for the person at the terminal.

BAML's own texts hold the prompt, and with it the resume: none of them is passed on where one may be inside.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from baml_py.errors import (
    BamlClientFinishReasonError,
    BamlClientHttpError,
    BamlError,
    BamlTimeoutError,
    BamlValidationError,
)

from examples.resume_analyzer import settings
from examples.resume_analyzer.errors import AnalysisFailed, AnswerUnusable, NoAnswer, RequestRefused, SettingsInvalid

_DEFAULT_PORTS = {"http": 80, "https": 443}


def explained(error: BamlError, variables: Mapping[str, str]) -> AnalysisFailed:
    """The same failure in the example's own words."""
    if isinstance(error, BamlValidationError | BamlClientFinishReasonError):
        return AnswerUnusable("the model's answer is not a resume; send it again, or ask a larger model")
    if isinstance(error, BamlTimeoutError):
        return NoAnswer("no answer within the time limits of baml_src/clients.baml; is the model still loading?")
    if isinstance(error, BamlClientHttpError):
        return _not_answered(error, settings.base_url(error.client_name, variables))
    return SettingsInvalid(str(error).partition("\n")[0])


def _not_answered(error: BamlClientHttpError, base_url: str) -> AnalysisFailed:
    """BAML has one class for a connection that failed and for an answer that is an error."""
    if "ConnectionRefused" in error.message:
        return NoAnswer(f"connection refused: {base_url}; does anything listen on port {_port(base_url)} there?")
    if "reqwest::Error" in error.message:
        return NoAnswer(f"cannot reach {base_url}; check the host's name and port {_port(base_url)}")
    return RequestRefused(f"{base_url} answered {error.status_code}: {_said(error.message)}")


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or _DEFAULT_PORTS[parts.scheme]


def _said(message: str) -> str:
    """What the body says, in OpenAI's shape of errors; else nothing, because anything may be in it."""
    try:
        told = json.loads(message[message.index("{") :])["error"]
        return f"{told['message']} (code {told['code']})"
    except (ValueError, KeyError, TypeError):
        return "no error in OpenAI's shape; does SWITCHYARD_BASE_URL name the gateway?"
