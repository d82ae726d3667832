"""What a stack needs, and what it costs, before it exists."""

from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.cost.assumptions import DEFAULT, HELP, Assumptions
from scripts.errors import Refused
from scripts.roles import Role
from scripts.task_names import TaskName, command_line

if TYPE_CHECKING:
    from scripts.bootstrap.looking import Looked


@command(
    group="stack",
    help={"github": "accept GitHub's identities (default: where githubRepository is set)"},
    changes=True,
    role=Role.OWNER,
)
def bootstrap(run: Run, github: bool = False) -> Report:
    """Look at the account before the first `pulumi up`, and make what is missing."""
    from datetime import UTC, datetime

    from scripts.bootstrap import making, wanted, words
    from scripts.bootstrap.looking import look
    from scripts.environment import REHEARSAL, clients
    from scripts.tasks.report import calls_text

    if run.environment == REHEARSAL:
        raise Refused("the rehearsal makes its own account", command_line(TaskName.REHEARSAL_UP, REHEARSAL))
    reach = clients(run.environment, role=run.role)
    looked = _costed(run, look(reach, wanted.of(run.environment), github, datetime.now(UTC)))
    _show(run, words.overview(looked))
    if looked.creations:
        _show(run, f"\n{words.makings(looked.creations)}\n")
        if run.dry_run:
            _show(run, calls_text(call for creation in looked.creations for call in creation.calls))
            return _ended(run, looked, made=False)
        run.console.confirm(words.question(looked), run.yes)
        making.make(reach, looked.creations, run.console, command_line(TaskName.STACK_BOOTSTRAP, run.environment))
    return _ended(run, looked, made=True)


@command(
    group="stack", help={"region_prices": "TOML file with prices of another region or contract, over the kit's", **HELP}
)
def cost(
    run: Run,
    region_prices: str | None = None,
    requests_per_month: float = DEFAULT.requests_per_month,
    tokens_in: float = DEFAULT.tokens_in,
    tokens_out: float = DEFAULT.tokens_out,
    fallback_share: float = DEFAULT.fallback_share,
    gb_processed: float = DEFAULT.gb_processed,
    log_gb: float = DEFAULT.log_gb,
    delivered_log_gb: float = DEFAULT.delivered_log_gb,
    stored_gb: float = DEFAULT.stored_gb,
    image_gb: float = DEFAULT.image_gb,
    table_gb: float = DEFAULT.table_gb,
    custom_metrics: float = DEFAULT.custom_metrics,
    metric_series: float = DEFAULT.metric_series,
    scrape_seconds: float = DEFAULT.scrape_seconds,
) -> Report:
    """Say what the environment costs, from what the program declares; asks neither AWS nor for credentials."""
    given = {name: value for name, value in locals().items() if name in HELP}
    from pathlib import Path

    from scripts.cost import text
    from scripts.cost.assumptions import checked
    from scripts.cost.estimate import estimate

    own = Path(region_prices) if region_prices is not None else None
    found = estimate(run.environment, checked(Assumptions(**given)), own)
    return Report(text=text.text(found), body=text.body(found))


def _costed(run: Run, looked: "Looked") -> "Looked":
    """With what the environment will cost; where its settings do not let the program run yet, that is said instead."""
    from scripts.bootstrap import monthly
    from scripts.cost.estimate import estimate

    with run.console.step("cost", "Running the program once, without AWS, for the monthly cost: some seconds"):
        try:
            return monthly.added(looked, estimate(run.environment, DEFAULT))
        except Refused as error:
            return monthly.not_known(looked, error)


def _show(run: Run, text: str) -> None:
    if not run.json:
        run.console.text(text)


def _ended(run: Run, looked: "Looked", made: bool) -> Report:
    """Raises where nothing was made and something that the owner must mend stands against the first `pulumi up`."""
    from scripts.bootstrap import words

    again = command_line(TaskName.STACK_BOOTSTRAP, run.environment)
    found = words.found_object(looked, made)
    _show(run, f"\n{words.following(looked)}\n")
    if looked.against and not (made and looked.creations):
        refused = Refused(words.unready(looked.against), again)
        refused.details = found
        raise refused
    if looked.against:
        return Report(message=f"made; {words.unready(looked.against)}", body=found, next_command=again)
    if not made:
        return Report(message="nothing was changed", body=found, next_command=again)
    return Report(message="the account is ready", body=found, next_command="pulumi up")
