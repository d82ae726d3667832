"""The one decorator that makes a function a task.

It owns what all tasks share: `--env`, `--yes`, `--json`, `--debug` (and `--dry-run` where something changes),
typed arguments, usage, signals, exit codes and the `--json` object. It deliberately knows nothing of releases.
"""

import functools
import inspect
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from invoke import Exit, Task

from scripts import arguments
from scripts.console import Console
from scripts.errors import ExitCode, Refused, Result, TaskError, UsageAsked, WrongUsage
from scripts.roles import Role

ENVIRONMENT_VARIABLE = "SWITCHYARD_ENV"
_SHARED = {
    "env": "environment, for example staging (default: $SWITCHYARD_ENV)",
    "yes": "answer every question with yes",
    "json": "print one JSON object on stdout",
    "debug": "show the traceback of an error",
}
_DRY_RUN = {"dry_run": "check everything, print the AWS calls, change nothing"}
# botocore prints credentials and secrets at DEBUG.
_TALKATIVE = ("boto3", "botocore", "urllib3", "s3transfer")


@dataclass(frozen=True)
class Report:
    """How a task ended well. `body`, when given, is the whole `--json` object instead of the usual one; `more` joins
    the usual one."""

    message: str = ""
    release: str | None = None
    next_command: str | None = None
    text: str | None = None
    body: dict[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Run:
    """One run of a task: its shared flags and where it speaks."""

    command: str
    environment_name: str | None
    yes: bool
    json: bool
    debug: bool
    dry_run: bool
    console: Console = field(default_factory=Console)
    acts_as: Role | None = None

    @property
    def role(self) -> Role:
        """As whom the task acts in AWS. Raises TypeError in a task that was declared without a role."""
        if self.acts_as is None:
            raise TypeError(f"{self.command} calls AWS and says not as whom: give @command a role")
        return self.acts_as

    @property
    def environment(self) -> str:
        """The environment's name. Raises Refused where none was given."""
        if self.environment_name is None:
            raise Refused(f"which environment? give --env NAME, or set {ENVIRONMENT_VARIABLE}")
        return self.environment_name


Body = Callable[..., Report | None]


def command(
    *, help: Mapping[str, str] | None = None, group: str = "", changes: bool = False, role: Role | None = None
) -> Callable[[Body], Task]:
    """Make a task of a function `(run, …)`. Parameters without default are positional, the others are flags.

    `group` is the collection the task will be in (its dotted name appears in `--json`); `changes` adds `--dry-run`;
    `role` is as whom it acts in AWS, None for one that calls no AWS; the task carries it as `role`.
    """

    def decorate(body: Body) -> Task:
        flags = _SHARED | (_DRY_RUN if changes else {})
        texts = dict(help or {}) | flags
        name = ".".join(part for part in (group, body.__name__.replace("_", "-")) if part)

        @functools.wraps(body)
        def wrapper(context: Any, **given: Any) -> None:
            _execute(name, role, body, texts, context, given)

        wrapper.__signature__ = _signature(body, flags)  # type: ignore[attr-defined]
        made = Task(
            wrapper,
            positional=arguments.required(body),
            iterable=[name for name in arguments.parameters(body) if arguments.is_repeated(body, name)],
            auto_shortflags=False,
            help=dict(texts),
        )
        made.role = role
        return made

    return decorate


def _signature(body: Body, flags: Mapping[str, str]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [_as_text(found).replace(kind=kind) for found in arguments.parameters(body).values()]
    shared = [inspect.Parameter(name, kind, default=None if name == "env" else False) for name in flags]
    return inspect.Signature([inspect.Parameter("context", kind), *own, *shared])


def _as_text(found: inspect.Parameter) -> inspect.Parameter:
    """Invoke would turn a value into its default's type by itself, and show a traceback where it cannot."""
    is_plain = isinstance(found.default, bool) or found.default is inspect.Parameter.empty
    return found if is_plain else found.replace(default=None)


def _execute(
    name: str, role: Role | None, body: Body, texts: Mapping[str, str], context: Any, given: Mapping[str, Any]
) -> None:
    run = Run(name, None, given["yes"], given["json"], given["debug"], given.get("dry_run", False), acts_as=role)
    _quiet(run.debug)
    try:
        _refuse_core_flags(context, "dry_run" in given)
        run.environment_name = _environment(given["env"])
        values = arguments.typed(body, given)
        with _sigterm_like_ctrl_c():
            report = body(run, **values) or Report()
    except UsageAsked:
        run.console.text(_usage(name, body, texts))
    except WrongUsage as error:
        run.console.error(f"{error}\n\n{_usage(name, body, texts)}")
        if run.json:
            run.console.object(_object(run, error.exit_code, None))
        raise Exit(code=error.exit_code) from None
    except TaskError as error:
        _fail(run, error)
    except KeyboardInterrupt:
        _fail(run, Refused("stopped before anything was changed"))
    except Exception as error:
        _fail(run, Refused(f"unexpected {type(error).__name__}: {error} (--debug shows where)"), error)
    else:
        _succeed(run, report)


def _succeed(run: Run, report: Report) -> None:
    if report.release:
        run.console.about(report.release)
    if run.json:
        run.console.object(report.body or {**_object(run, ExitCode.DONE, report.next_command), **report.more})
    elif report.text is not None:
        run.console.text(report.text)
    if report.message:
        run.console.done(report.message)
    if report.next_command:
        run.console.next(report.next_command)


def _fail(run: Run, error: TaskError, cause: BaseException | None = None) -> None:
    if run.debug:
        run.console.trace(cause or error)
    run.console.error(str(error), error.next_command)
    if run.json:
        run.console.object({**error.details, **_object(run, error.exit_code, error.next_command)})
    raise Exit(code=error.exit_code) from None


def _object(run: Run, code: ExitCode, next_command: str | None) -> dict[str, Any]:
    return {
        "command": run.command,
        "environment": run.environment_name,
        "result": Result.of(code),
        "exit_code": int(code),
        "release": run.console.release,
        "steps": run.console.step_objects(),
        "next_command": next_command,
    }


def _environment(given: str | None) -> str | None:
    if given is not None:
        return arguments.text("env", given)
    found = os.environ.get(ENVIRONMENT_VARIABLE)
    if found == "":
        raise WrongUsage(f"{ENVIRONMENT_VARIABLE} is set to nothing: name an environment, or unset it")
    return found


def _refuse_core_flags(context: Any, has_dry_run: bool) -> None:
    """Fabric would run the task in spite of these."""
    if context.config.run.dry:
        advice = "--dry-run after the task's name" if has_dry_run else "this task changes no release"
        raise WrongUsage(f"Fabric's --dry would run the task: {advice}")
    if {"--version", "-V"} & set(sys.argv[1:]):
        raise WrongUsage("--version belongs before any task: fab --version")
    if getattr(context, "host", None) is not None:
        raise WrongUsage("--hosts makes no sense here: tasks talk to AWS, not to hosts")


def _quiet(debug: bool) -> None:
    if debug:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _usage(name: str, body: Body, texts: Mapping[str, str]) -> str:
    positional = arguments.required(body)
    flags = [flag for flag in (*arguments.parameters(body), *texts) if flag not in positional]
    lines = [f"Usage: fab {' '.join([name, *(p.upper() for p in positional)])} [--flags]", ""]
    lines += [f"  {p.upper():<20} {texts.get(p, '')}" for p in positional]
    lines += [f"  --{flag.replace('_', '-'):<18} {texts.get(flag, '')}" for flag in dict.fromkeys(flags)]
    return "\n".join(lines)
