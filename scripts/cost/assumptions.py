"""What the part of a bill that depends on use assumes. Each is a flag of `fab stack.cost`.

Sources: 7 requests a second is the peak of business hours, 3.6 times the average, 700 tokens go in and 100 come out,
and about 4 of 100 answers come from the fallback: the articles that this kit follows. The rest is this kit's guess at
its own traffic, to be replaced by what the bill of the first month says.
"""

import math
from dataclasses import dataclass, field, fields

from scripts.errors import WrongUsage

_BYTES_A_TOKEN = 4
# One event of a stream with its envelope, and one event a token.
_BYTES_AN_EVENT = 250
_HEADER_BYTES = 1000
_BYTES_A_GB = 1e9


@dataclass(frozen=True)
class Assumptions:
    """One month of use."""

    requests_per_month: float = field(default=5_000_000, metadata={"help": "requests in a month"})
    tokens_in: float = field(default=700, metadata={"help": "tokens of a prompt"})
    tokens_out: float = field(default=100, metadata={"help": "tokens of an answer"})
    fallback_share: float = field(default=0.04, metadata={"help": "share of requests that OpenAI answers, 0 to 1"})
    gb_processed: float = field(
        default=200, metadata={"help": "GB in a month from tasks and hosts to AWS and the world: images, logs, calls"}
    )
    log_gb: float = field(default=10, metadata={"help": "GB of containers' lines in a month, 2 kB a request"})
    delivered_log_gb: float = field(
        default=10, metadata={"help": "GB in a month of what AWS logs: access, flows, firewall"}
    )
    stored_gb: float = field(default=100, metadata={"help": "GB in buckets: models and logs"})
    image_gb: float = field(default=60, metadata={"help": "GB of images, layers counted once"})
    table_gb: float = field(default=5, metadata={"help": "GB in tables"})
    custom_metrics: float = field(default=30, metadata={"help": "metrics that the kit publishes itself"})
    metric_series: float = field(default=3000, metadata={"help": "Prometheus series that the collectors send"})
    scrape_seconds: float = field(default=30, metadata={"help": "seconds between two samples of a series"})

    @property
    def request_gb(self) -> float:
        """What comes in, in a month."""
        return self.requests_per_month * (self.tokens_in * _BYTES_A_TOKEN + _HEADER_BYTES) / _BYTES_A_GB

    @property
    def answer_gb(self) -> float:
        """What goes out, in a month, if every client streams."""
        return self.requests_per_month * (self.tokens_out * _BYTES_AN_EVENT + _HEADER_BYTES) / _BYTES_A_GB


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


DEFAULT = Assumptions()
HELP = {
    found.name: f"{found.metadata['help']} (default: {_number(getattr(DEFAULT, found.name))})"
    for found in fields(Assumptions)
}


def checked(month: Assumptions) -> Assumptions:
    """The same. Raises WrongUsage for a number that no month can have."""
    for found in fields(Assumptions):
        value = getattr(month, found.name)
        flag = "--" + found.name.replace("_", "-")
        if not 0 <= value < math.inf:
            raise WrongUsage(f"{flag} {value:g}: expected 0 or more")
    if month.fallback_share > 1:
        raise WrongUsage(f"--fallback-share {month.fallback_share:g}: expected a share from 0 to 1")
    if not month.scrape_seconds:
        raise WrongUsage("--scrape-seconds 0: expected more than 0")
    return month
