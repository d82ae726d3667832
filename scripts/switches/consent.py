"""What a change of modes would mean, as the question to ask before it; None where it costs and takes nothing. Pure."""

from dataclasses import dataclass

from scripts.cost.assumptions import DEFAULT
from scripts.cost.model import Prices
from scripts.switches.tier import EVERY, Modes, Tier, order

_THOUSAND, _MILLION = 1000, 1e6


@dataclass(frozen=True)
class OpenAiCost:
    """What a thousand requests of the articles' size cost at OpenAI's list prices."""

    usd: float
    tokens_in: float
    tokens_out: float

    def __str__(self) -> str:
        size = f"{self.tokens_in:g} + {self.tokens_out:g} tokens"
        return f"${self.usd:,.2f} for 1,000 requests of {size} (gpt-4o's list price)"


def openai_cost(prices: Prices) -> OpenAiCost:
    usd_in, usd_out = (prices[f"openai.{way}"].usd or 0.0 for way in ("input", "output"))
    a_request = (DEFAULT.tokens_in * usd_in + DEFAULT.tokens_out * usd_out) / _MILLION
    return OpenAiCost(a_request * _THOUSAND, DEFAULT.tokens_in, DEFAULT.tokens_out)


def question(before: Modes, after: Modes, cost: OpenAiCost, present: tuple[Tier, ...] = EVERY) -> str | None:
    was, will = order(before, present), order(after, present)
    lost = [tier for tier in was if tier not in will]
    pays = will[:1] == (Tier.OPENAI,) and was[:1] != (Tier.OPENAI,)
    if not lost and not pays:
        return None
    parts = [f"No request will ask {' or '.join(lost)}."] if lost else []
    if pays:
        parts.append(f"OpenAI will answer every request: {cost}.")
    if not will:
        parts.append("No tier is left: every request gets 503.")
    elif will == (Tier.CACHE,):
        parts.append("Only kept answers are left: every other request gets 503.")
    return f"{' '.join(parts)} Go on?"
