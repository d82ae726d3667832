"""Asks the model, by way of the generated BAML client, and says who answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from baml_py import Collector
from baml_py.errors import BamlError

from examples.resume_analyzer.baml_client.sync_client import b
from examples.resume_analyzer.baml_client.types import Resume
from examples.resume_analyzer.explanation import explained
from examples.resume_analyzer.settings import Settings


@dataclass(frozen=True)
class Analysis:
    """A resume, and who read it. `tier` and `fallback_reason` are None where no gateway was in between."""

    resume: Resume
    client: str
    tier: str | None
    fallback_reason: str | None


def analyze(text: str, settings: Settings) -> Analysis:
    """One request. Raises AnalysisFailed."""
    collector = Collector("resume")
    caller = b.with_options(collector=collector, env=dict(settings.variables), client=settings.client)
    try:
        resume = caller.ExtractResume(text)
    except BamlError as error:
        raise explained(error, settings.variables) from None
    client, headers = _answered_by(collector)
    return Analysis(resume, client, headers.get("x-switchyard-tier"), headers.get("x-switchyard-fallback-reason"))


def _answered_by(collector: Collector) -> tuple[str, Mapping[str, str]]:
    log = collector.last
    call = log.selected_call if log else None
    if call is None or call.http_response is None:
        return "unknown", {}
    return call.client_name, call.http_response.headers
