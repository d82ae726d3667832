"""The part of CloudWatch's metric math that the alarms use, to ask an alarm what it would say of made-up series."""

import re

from stacks.alarms import Alarm


def value(alarm: Alarm, now: dict[str, float]) -> float | None:
    """The alarm's expression for one period. A metric that is not in `now` has no datapoint; None: no result."""
    given = {key: now.get(key) for key in alarm.metrics}
    expression = re.sub(r"FILL\((\w+), 0\)", lambda found: str(given[found[1]] or 0.0), alarm.filled_expression)
    for key in alarm.metrics:
        if re.search(rf"\b{key}\b", expression):
            if given[key] is None:
                return None
            expression = re.sub(rf"\b{key}\b", str(given[key]), expression)
    python = expression.replace(" AND ", " and ").replace(" OR ", " or ")
    return float(eval(python, {"__builtins__": {}, "IF": _if}))


def breaches(alarm: Alarm, now: dict[str, float]) -> bool:
    """Whether one period counts against it; missing data is not breaching."""
    found = value(alarm, now)
    return found is not None and found >= alarm.threshold


def rings(alarm: Alarm, periods: list[dict[str, float]]) -> bool:
    """M of the last N periods breach."""
    return sum(breaches(alarm, now) for now in periods[-alarm.periods :]) >= alarm.breaching_periods


def _if(condition: bool, then: float, otherwise: float) -> float:
    return then if condition else otherwise
