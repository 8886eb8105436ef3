"""The command `anq`. Heavy imports are where they are used, so that it starts at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.settings import Settings

if TYPE_CHECKING:
    from etl.check import Checker
    from etl.steps import Outcome
    from etl.warehouse.release import Release

app = typer.Typer(
    help="Every question that deputies put to the French Government, and every answer, in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

quarantine = typer.Typer(help="What was set aside: list it, show one, try again after a fix.", no_args_is_help=True)
app.add_typer(quarantine, name="quarantine")


class Format(StrEnum):
    """What `anq sql` writes."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class ExportFormat(StrEnum):
    """What `anq export` writes."""

    parquet = "parquet"
    csv = "csv"


class State:
    """What the options before the command said."""

    settings: Settings
    debug = False


@app.callback()
def options(
    home: Annotated[
        Path, typer.Option(envvar="ANQ_HOME", help="Folder of raw/, lake/, warehouse/ and reports/.")
    ] = Path("data"),
    source: Annotated[
        str,
        typer.Option(
            envvar="ANQ_SOURCE",
            help="sample, opendata, an http(s) base URL, or a directory with the same tree.",
        ),
    ] = "sample",
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options that every command takes."""
    State.settings, State.debug = Settings(home, source), debug


@app.command()
def run(
    legislature: Annotated[
        list[int] | None, typer.Option("-l", "--legislature", help="Only this one; may be given again.")
    ] = None,
    question_type: Annotated[
        list[str] | None, typer.Option("-t", "--type", help="QE, QG or QOSD; may be given again.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read everything again and make a release though nothing is new.")
    ] = False,
) -> None:
    """Fetch, parse, check, load and release what is new; nothing new, nothing done."""
    from etl import steps
    from etl.check import Checker

    settings, (started, now, run_id) = State.settings, _begun()
    wanted = steps.plan(settings, legislature or (), [one.upper() for one in question_type or ()])
    with _progress() as (progress, say), Checker() as checker:
        outcomes = steps.prepare_all(
            wanted,
            settings,
            now,
            run_id,
            force=force,
            named=bool(legislature and question_type),
            progress=progress,
            say=say,
            checker=checker,
        )
        if not (legislature or question_type):
            for prepare in (steps.prepare_people, steps.prepare_journal):
                outcomes.append(
                    prepare(settings, now, run_id, force=force, progress=progress, say=say, checker=checker)
                )
        if all(one.state == "absent" for one in outcomes):
            raise SourceError(
                f"{settings.source} has none of the archives; it must hold the tree of the Assembly's site"
            )
        _publish(outcomes, settings, now, run_id, started, checker, force=force)


@app.command()
def status() -> None:
    """Show the current release, its rows, the last runs, anomalies and quarantine."""
    from etl.status import show

    show(State.settings, datetime.now(UTC))


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="SQL; standard input when left out.")] = None,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to write the rows.")] = Format.table,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; standard output when left out.")
    ] = None,
) -> None:
    """Run SQL on the current release, read-only."""
    from etl.warehouse.query import write

    write(State.settings.warehouse, query if query is not None else sys.stdin.read(), format_.value, output)


@app.command()
def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help='All of them, in any form; "a phrase"; -without.')],
    legislature: Annotated[
        list[int] | None, typer.Option("-l", "--legislature", help="Only this one; may be given again.")
    ] = None,
    question_type: Annotated[
        list[str] | None, typer.Option("-t", "--type", help="QE, QG or QOSD; may be given again.")
    ] = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 10,
) -> None:
    """Find questions by the words of their texts, best first."""
    from etl.catalogue import archives
    from etl.warehouse.query import connect
    from etl.warehouse.search import find

    types = [one.upper() for one in question_type or ()]
    archives(types=types)  # refuses a type that does not exist
    with connect(State.settings.warehouse) as connection:
        found = find(connection, words, legislature or (), types, limit)
        for one in found:
            told = (f"{one.day:%Y-%m-%d}" if one.day else None, one.ministry, one.title)
            key = f"{one.legislature} {one.question_type} {one.question_number}"
            typer.echo(f"{one.rank:>3}  {key}  {' · '.join(part for part in told if part)}\n     {one.snippet}")
    if not found:
        typer.echo("nothing found", err=True)


@app.command()
def releases() -> None:
    """List the releases, newest first; * is the current one."""
    from etl.warehouse import release

    current = release.current_name(State.settings.warehouse)
    for one in reversed(release.releases(State.settings.warehouse)):
        mark = "*" if one.name == current else " "
        typer.echo(f"{mark} {one.name}  {one.rows['questions']:>9,} questions  {one.created_at:%Y-%m-%d %H:%M} UTC")


@app.command()
def rollback(
    name: Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="The one before, when left out.")] = None,
) -> None:
    """Swap back to an earlier release; the next run with something new swaps forward again."""
    from etl.lock import locked
    from etl.warehouse import release

    with locked(State.settings.warehouse / ".lock"):
        typer.echo(f"current is now {release.rollback(State.settings.warehouse, name)}")


@app.command()
def rebuild() -> None:
    """Make a release from the lake alone."""
    from etl import steps

    started, now, run_id = _begun()
    release = steps.rebuild(State.settings, now, run_id)
    steps.summarise(State.settings, now, run_id, "released", release, started)
    typer.echo(f"released {release.name}: {release.rows['questions']:,} questions, from the lake alone")
    _name_page(State.settings, run_id)


@app.command()
def page(
    files: Annotated[list[Path], typer.Argument(help="HTML, /vue/xml, unit JSON or XML, or a page's text.")],
    load: Annotated[bool, typer.Option("--load", help="Put them in the warehouse too.")] = False,
) -> None:
    """Print the question of each document as JSON, one a line; --load puts it in the warehouse."""
    from etl import page as pages
    from etl.check import Checker

    good: list[Path] = []
    for path in files:
        try:
            told = pages.read(path)
            typer.echo(pages.as_json(told))
            if load:
                pages.refuse_cut(path, told)
            good.append(path)
        except UsageError as error:
            typer.echo(f"anq: {error}", err=True)
    if load and good:
        settings, (started, now, run_id) = replace(State.settings, source="documents"), _begun()
        # standard output is for the questions
        with redirect_stdout(sys.stderr), _progress() as (_, say), Checker() as checker:
            outcomes = pages.load(good, settings, now, run_id, say, checker)
            _publish(outcomes, settings, now, run_id, started, checker)
    if len(good) < len(files):
        raise SystemExit(UsageError.exit_code)


@app.command()
def crawl(
    legislature: Annotated[int, typer.Option("-l", "--legislature", help="Of the questions.", min=7)],
    question_type: Annotated[str, typer.Option("-t", "--type", help="QE, QG or QOSD.")],
    numbers: Annotated[str, typer.Option(help="Of the questions: 1-500, or 7,12-15.")],
    pace: Annotated[float, typer.Option(help="Seconds from one request to the next.", min=0)] = 1.0,
) -> None:
    """Ask the Assembly's site for what no archive holds, one question at a time; go on where it was stopped."""
    from etl import crawl as crawling
    from etl.catalogue import archives
    from etl.check import Checker

    archives(types=[question_type.upper()])  # refuses a type that does not exist
    settings, (started, now, run_id) = State.settings, _begun()
    key = (legislature, question_type.upper())
    with _progress() as (_, say), Checker() as checker:
        outcomes = crawling.crawl(key, numbers, settings, now, run_id, pace=pace, say=say, checker=checker)
        _publish(outcomes, settings, now, run_id, started, checker)


@quarantine.command("list")
def quarantine_list() -> None:
    """List the records that are set aside: where each is, the rule that it breaks, and why."""
    from etl.quarantine import show_list

    show_list(State.settings)


@quarantine.command("show")
def quarantine_show(
    name: Annotated[str, typer.Argument(metavar="RECORD", help="Archive and number, 17/QE/123, or the member.")],
) -> None:
    """Show a record that is set aside: the rule, the values that break it, and the record as it was sent."""
    from etl.quarantine import show_one

    show_one(State.settings, name)


@quarantine.command("retry")
def quarantine_retry() -> None:
    """Read again, from raw/, the questions that are set aside; those that are good now are released."""
    from etl import steps
    from etl.check import Checker

    settings, (started, now, run_id) = steps.of_home(State.settings), _begun()
    with _progress() as (_, say), Checker() as checker:
        outcomes = steps.retry(settings, now, run_id, say, checker)
        _publish(outcomes, settings, now, run_id, started, checker)


@app.command()
def explore(
    host: Annotated[str, typer.Option(help="Address to listen on; another shows it to other machines.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any.", min=0, max=65535)] = 8050,
) -> None:
    """Serve the explorer of the current release, a page for the browser, until Ctrl-C."""
    from etl.explore.server import serve

    serve(State.settings, host, port, lambda address: typer.echo(f"{address} — Ctrl-C stops it"))


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(help="Where to write the site.")],
    questions: Annotated[int, typer.Option(min=12, help="How many questions, over all archives.")] = 3000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
) -> None:
    """Write the sample site: the Assembly's tree, made up, of any size."""
    from etl.sample import write_sample

    write_sample(directory, questions=questions, seed=seed)
    typer.echo(f"{questions:,} questions in {directory}; load them with `anq --source {directory} run`")


@app.command()
def export(
    directory: Annotated[Path, typer.Argument(help="Folder: new, empty, or an earlier export.")],
    format_: Annotated[ExportFormat, typer.Option("--format", help="How to write the rows.")] = ExportFormat.parquet,
    sql: Annotated[str | None, typer.Option(help="Export the rows of this query instead of every table.")] = None,
) -> None:
    """Write every table, or a query's rows, and a Frictionless datapackage.json."""
    from etl.warehouse.export import export

    files = export(State.settings.warehouse, directory, format_.value, sql)
    typer.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'} and datapackage.json in {directory}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Name or address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option(help="TCP port.", min=1, max=65535)] = 9494,
) -> None:
    """Answer SQL over the network (DuckDB's Quack), read-only, with a token; follows new releases."""
    from etl.warehouse import serve as serving

    serving.serve(State.settings, host, port, typer.echo)


def _begun() -> tuple[float, datetime, str]:
    """A run's start, for its duration; its time; its id."""
    now = datetime.now(UTC)
    return time.monotonic(), now, f"{now:%Y%m%dT%H%M%S.%fZ}"


def _publish(
    outcomes: list[Outcome],
    settings: Settings,
    now: datetime,
    run_id: str,
    started: float,
    checker: Checker,
    *,
    force: bool = False,
) -> None:
    """Releases what passed, and tells what was done; an error ends the command with its code."""
    from etl import steps
    from etl.freshness import late

    errors = [one.error for one in outcomes if one.error]
    stopped = [error for error in errors if isinstance(error, GateError)]
    release = None
    if not stopped:
        try:
            release = steps.publish(
                settings, now, run_id, force=force, started=started, failed=bool(errors), checker=checker
            )
        except AnqError as error:
            typer.echo(f"anq: {error}", err=True)
            errors.append(error)
    state = "released" if release else "unchanged"
    if errors:
        worst = max(error.exit_code for error in errors)
        state = {GateError.exit_code: "gate_stopped", SourceError.exit_code: "source_failed"}.get(worst, "failed")
    steps.summarise(settings, now, run_id, state, release, started)
    _report(outcomes, release, time.monotonic() - started)
    for line in late(settings, now.date()):
        typer.echo(line, err=True)
    _name_page(settings, run_id)
    if errors:
        raise SystemExit(max(error.exit_code for error in errors))


@contextmanager
def _progress() -> Iterator[tuple[Any, Any]]:
    """Bars for what is fetched, on a terminal; the lines that the steps say, always on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:>8}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    # no thread that refreshes: workers are forked from this process
    with Progress(*columns, console=console, auto_refresh=False, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def progress(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total, refresh=True)

        yield progress, lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True)


def _report(outcomes: list[Outcome], release: Release | None, seconds: float) -> None:
    for one in outcomes:
        if one.state == "changed":
            typer.echo(
                f"{one.archive:>8}  {one.records:>9,} records, {one.changed:,} new or changed, "
                f"{one.quarantined:,} set aside, {one.anomalies:,} anomalies"
            )
    if release:
        path = State.settings.warehouse / "current.duckdb"
        typer.echo(f"released {release.name}: {release.rows['questions']:,} questions in {path}, {seconds:.1f} s")
    elif all(one.state in ("unchanged", "absent") for one in outcomes):
        typer.echo(f"nothing new, nothing done, {seconds:.1f} s")
    else:
        typer.echo("no release was made; what was published before still is", err=True)


def _name_page(settings: Settings, run_id: str) -> None:
    from etl.report import run_page

    page = run_page(settings, run_id)
    if page.exists():  # a run with nothing new has none
        typer.echo(f"report: {page}")


def main() -> None:
    """Runs the command; an error becomes a message and an exit code, and a traceback only with --debug."""
    try:
        app()
    except AnqError as error:
        if State.debug:
            raise
        typer.echo(f"anq: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        typer.echo("anq: stopped; what was published before still is, run again to go on", err=True)
        raise SystemExit(130) from None
    except Exception as error:  # the last resort: a person gets a line, not a traceback
        if State.debug:
            raise
        typer.echo(f"anq: {type(error).__name__}: {error} (our fault; --debug shows where)", err=True)
        raise SystemExit(1) from error
