"""The command `anq`. Heavy imports are where they are used, so that it starts at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from traceback import print_exception
from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl.errors import AnqError, SourceError, UsageError
from etl.settings import KEEP_RAW, MAX_AGE_DAYS, Settings

if TYPE_CHECKING:
    from etl.run.context import Run
    from etl.run.work import Outcome
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
    xlsx = "xlsx"


class ExportFormat(StrEnum):
    """What `anq export` writes."""

    parquet = "parquet"
    csv = "csv"


Legislatures = Annotated[
    list[int] | None, typer.Option("-l", "--legislature", help="Only this one; may be given again.")
]
Types = Annotated[list[str] | None, typer.Option("-t", "--type", help="QE, QG or QOSD; may be given again.")]


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
    legislature: Legislatures = None,
    question_type: Types = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read everything again and make a release though nothing is new.")
    ] = False,
) -> None:
    """Fetch, parse, check, load and release what is new; nothing new, nothing done."""
    from etl.run import questions, references

    with _run(force=force, told=True) as run:
        questions.mend(run)
        wanted = questions.plan(State.settings, legislature or (), [name.upper() for name in question_type or ()])
        outcomes = questions.prepare_all(wanted, run, named=bool(legislature and question_type))
        if not (legislature or question_type):
            outcomes += [references.prepare_people(run), references.prepare_journal(run)]
        if all(outcome.state == "absent" for outcome in outcomes):
            raise SourceError(
                f"{State.settings.source} has none of the archives; it must hold the tree of the Assembly's site"
            )
        _publish(outcomes, run)


@app.command()
def status(
    check: Annotated[
        bool, typer.Option("--check", help="Say only what is wrong, with its exit code: 3 old, 4 an archive held back.")
    ] = False,
    max_age: Annotated[int, typer.Option(help="Data are old after so many days.", min=0)] = MAX_AGE_DAYS,
) -> None:
    """Show how old the data are, the current release, its rows, the last runs, anomalies and quarantine."""
    from etl.report.status import faults, show

    now, longest = datetime.now(UTC), timedelta(days=max_age)
    if not check:
        show(State.settings, now, longest)
    elif found := faults(State.settings, now, longest):
        typer.echo("\n".join(map(str, found)))
        raise SystemExit(max(fault.exit_code for fault in found))
    else:
        typer.echo("well: the data are fresh, and nothing is held back")


@app.command()
def notify() -> None:
    """Send a test message to the addresses of ANQ_NOTIFY, which are told of what fails, waits or is missing."""
    from etl.run.notify import test

    typer.echo(f"sent to {test(State.settings)}; look whether it arrived")


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
    words: Annotated[
        str,
        typer.Argument(metavar="WORDS", help='All of them, in any form; "a phrase"; -without; =exactly. Or 17/QE/270.'),
    ],
    legislature: Legislatures = None,
    question_type: Types = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 10,
) -> None:
    """Find questions by the words of their texts, best first."""
    from etl.catalogue import archives
    from etl.search.find import find, suggestions
    from etl.warehouse.query import connect

    types = [name.upper() for name in question_type or ()]
    archives(types=types)  # refuses a type that does not exist
    with connect(State.settings.warehouse) as connection:
        matches = find(connection, words, legislature or (), types, limit)
        for match in matches:
            facts = (f"{match.day:%Y-%m-%d}" if match.day else None, match.ministry, match.title)
            key = f"{match.legislature} {match.question_type} {match.question_number}"
            typer.echo(f"{match.rank:>3}  {key}  {' · '.join(fact for fact in facts if fact)}\n     {match.snippet}")
        for word, suggestion in [] if matches else suggestions(connection, words):
            typer.echo(f"no text has {word}; vouliez-vous dire {suggestion} ?", err=True)
    if not matches:
        typer.echo("nothing found", err=True)


@app.command()
def releases() -> None:
    """List the releases, newest first; * is the current one."""
    from etl.warehouse import release

    current = release.current_name(State.settings.warehouse)
    for made in reversed(release.releases(State.settings.warehouse)):
        mark = "*" if made.name == current else " "
        held = f"  held back: {', '.join(made.held_back)}" if made.held_back else ""
        questions = f"{made.rows['questions']:>9,} questions"
        typer.echo(f"{mark} {made.name}  {questions}  {made.created_at:%Y-%m-%d %H:%M} UTC{held}")


@app.command()
def rollback(
    name: Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="The one before, when left out.")] = None,
) -> None:
    """Swap back to an earlier release; the next run with something new swaps forward again."""
    from etl.run.publish import rollback as swap_back
    from etl.run.share import share as share_current

    with _run() as run:
        typer.echo(f"current is now {swap_back(run, name).name}")
        share_current(run)


@app.command()
def rebuild() -> None:
    """Make a release from the lake alone."""
    from etl.run.publish import rebuild as make_anew
    from etl.run.share import share as share_current
    from etl.run.summary import summarise

    with _run() as run:
        release = make_anew(run)
        summarise(run, release=release)
        typer.echo(f"released {release.name}: {release.rows['questions']:,} questions, from the lake alone")
        _name_page(run)
        share_current(run)


@app.command()
def share() -> None:
    """Bring the current release to where ANQ_PUBLISH and ANQ_LAKEHOUSE say, unless it is there already."""
    from etl.run.share import share as share_current

    if not (State.settings.share or State.settings.lakehouse):
        raise UsageError(
            "nothing is shared: set ANQ_PUBLISH to a folder or a bucket, or ANQ_LAKEHOUSE; docs/operators.md shows how"
        )
    with _run() as run:
        if not share_current(run):
            typer.echo("nothing new, nothing done")


@app.command()
def prune(
    keep_raw: Annotated[
        int,
        typer.Option(envvar="ANQ_KEEP_RAW", help="Days for which an archive that nothing needs stays in raw/.", min=0),
    ] = KEEP_RAW,
    keep_releases: Annotated[
        int | None, typer.Option(help="Releases that stay beside the current one; 7 when left out.", min=0)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
) -> None:
    """Remove what nothing needs any more: old releases, raw archives, reports and logs."""
    from etl.run.prune import Pruning, lines
    from etl.run.scopes import HOME
    from etl.store import kept
    from etl.warehouse.release import KEPT

    pruning = Pruning(
        settings=State.settings,
        now=datetime.now(UTC),
        logs=State.settings.home / "airflow" / "logs",
        keep_raw=keep_raw,
        keep_releases=KEPT if keep_releases is None else keep_releases,
        dry_run=dry_run,
    )
    with kept(State.settings, HOME):
        for line in lines(pruning):
            typer.echo(line)


@app.command()
def pull() -> None:
    """Bring the home up to date from ANQ_STORE, of which it is a cache: the releases, the lake and the reports."""
    from etl.run.scopes import LAKE
    from etl.store import pull
    from etl.warehouse.release import current_name

    pull(State.settings, LAKE)
    typer.echo(f"current is {current_name(State.settings.warehouse) or 'no release yet'}")


@app.command()
def verify() -> None:
    """Hold the lake, raw/ and the releases against their hashes; name what is damaged, and what to do."""
    from etl.run import verify
    from etl.run.scopes import HOME
    from etl.store import kept

    with kept(State.settings, HOME):
        findings = verify.verify(State.settings)
    for finding in findings:
        typer.echo(str(finding))
    for name in verify.unrecorded(State.settings):
        typer.echo(f"release {name} was made before hashes were kept: it was held against none")
    verify.refuse_damage(findings)
    typer.echo("nothing is damaged")


@app.command()
def page(
    files: Annotated[list[Path], typer.Argument(help="HTML, /vue/xml, unit JSON or XML, or a page's text.")],
    load: Annotated[bool, typer.Option("--load", help="Put them in the warehouse too.")] = False,
) -> None:
    """Print the question of each document as JSON, one a line; --load puts it in the warehouse."""
    from etl.run import documents

    good: list[Path] = []
    for path in files:
        try:
            question = documents.read(path)
            typer.echo(documents.as_json(question))
            if load:
                documents.refuse_cut(path, question)
            good.append(path)
        except UsageError as error:
            typer.echo(f"anq: {error}", err=True)
    if load and good:
        # standard output is for the questions
        with redirect_stdout(sys.stderr), _run(lambda settings: replace(settings, source="documents")) as run:
            _publish(documents.load(good, run), run)
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
    from etl.catalogue import archives
    from etl.run.crawl import crawl as crawl_numbers

    key = (legislature, question_type.upper())
    archives(types=[key[1]])  # refuses a type that does not exist
    with _run() as run:
        _publish(crawl_numbers(key, numbers, run, pace=pace), run)


@app.command(name="try")
def try_(
    legislature: Legislatures = None,
    question_type: Types = None,
) -> None:
    """Fetch and check, and keep nothing: what would be held back, and why. For the day before the first morning."""
    from etl.run import policy, questions, trial

    wanted = questions.plan(State.settings, legislature or (), [name.upper() for name in question_type or ()])
    with _run() as run:
        tried = trial.attempt(wanted, run, beside=not (legislature or question_type))
    for line in trial.lines(tried):
        typer.echo(line)
    if tried.failures:
        raise SystemExit(policy.exit_code(tried.failures))


@app.command()
def accept(
    archive: Annotated[str, typer.Argument(help="What is held back: 17/QE.")],
    rule: Annotated[str, typer.Argument(help="The rule that holds it back: questions.answer_after_question.")],
    why: Annotated[str, typer.Option(help="The reason; it is kept, and published with the data.")],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Last day on which this holds; when left out, for the bytes as they are."
        ),
    ] = None,
    aside: Annotated[
        bool, typer.Option("--aside", help="Set the failing rows aside, whatever their number; else they go in.")
    ] = False,
) -> None:
    """Let in what a rule holds back; the next run takes it in."""
    from getpass import getuser

    from etl.run import decide
    from etl.run.scopes import DECISIONS
    from etl.store import kept

    last_day = until.date() if until else None
    with kept(State.settings, DECISIONS):
        acceptance = decide.accept(
            State.settings, archive, rule, why=why, who=getuser(), at=datetime.now(UTC), until=last_day, aside=aside
        )
    extent = f"until {last_day}" if last_day else "for its bytes as they are"
    rows = "all" if acceptance.failing_rows is None else f"{acceptance.failing_rows:,}"
    typer.echo(
        f"accepted {extent}: {acceptance.archive} {acceptance.rule}, {rows} failing row(s) "
        f"{'are set aside' if aside else 'go in'}; `anq run` takes it in"
    )


@quarantine.command("list")
def quarantine_list() -> None:
    """List the records that are set aside: where each is, the rule that it breaks, and why."""
    from etl.report.quarantine import show_list

    show_list(State.settings)


@quarantine.command("show")
def quarantine_show(
    name: Annotated[str, typer.Argument(metavar="RECORD", help="Archive and number, 17/QE/123, or the member.")],
) -> None:
    """Show a record that is set aside: the rule, the values that break it, and the record as it was sent."""
    from etl.report.quarantine import show_one

    show_one(State.settings, name)


@quarantine.command("retry")
def quarantine_retry() -> None:
    """Read again, from raw/, the questions that are set aside; those that are good now are released."""
    from etl.run import questions

    with _run(questions.settings_of_home) as run:
        _publish(questions.retry(run), run)


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
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV that French Excel opens by a double click: with --format csv.")
    ] = False,
) -> None:
    """Write every table, or a query's rows, and a Frictionless datapackage.json."""
    from etl.warehouse.export import export

    files = export(State.settings.warehouse, directory, format_.value, sql, excel=excel)
    typer.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'} and datapackage.json in {directory}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Name or address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option(help="TCP port.", min=1, max=65535)] = 9494,
) -> None:
    """Answer SQL over the network (DuckDB's Quack), read-only, with a token; follows new releases."""
    from etl.serve import server

    server.serve(State.settings, host, port, typer.echo)


@contextmanager
def _run(of: Callable[[Settings], Settings] | None = None, *, force: bool = False, told: bool = False) -> Iterator[Run]:
    """A run that begins now, with bars for what is fetched; its lines go to standard error.

    Args:
        of: the run's settings, by those of the command.
        force: do it all, though nothing is new.
        told: of an error that ends it, whoever is to be told of a run is.
    """
    from etl.run import notify
    from etl.run.context import Run
    from etl.run.scopes import HOME
    from etl.store import kept

    now = datetime.now(UTC)
    with _progress() as (progress, say):
        run = Run(
            settings=State.settings,
            id=f"{now:%Y%m%dT%H%M%S.%fZ}",
            now=now,
            force=force,
            say=say,
            progress=progress,
        )
        with notify.errors_told(run) if told else nullcontext(), kept(State.settings, HOME), run:
            yield replace(run, settings=of(State.settings)) if of else run


def _publish(outcomes: list[Outcome], run: Run) -> None:
    """Releases what passed, and tells what was done; an error ends the command with its code."""
    from etl.lake.freshness import late
    from etl.run import metrics, notify, policy
    from etl.run.publish import publish
    from etl.run.share import share as share_current
    from etl.run.summary import summarise

    failures = [failure for outcome in outcomes for failure in outcome.failures]
    release = None
    try:
        release = publish(run, failures, prepared=len(failures) < len(outcomes))
    except AnqError as error:
        typer.echo(f"anq: {error}", err=True)
        failures.append(policy.failure("release", error))
    try:
        share_current(run)
    except AnqError as error:
        typer.echo(f"anq: {error}", err=True)
        failures.append(policy.failure("share", error))
    summary = summarise(run, failures, release)
    for outcome in outcomes:
        if State.debug and outcome.error:
            print_exception(outcome.error)
    _report(outcomes, release, run, failed=bool(failures))
    for line in late(run.settings, run.now.date()):
        typer.echo(line, err=True)
    _name_page(run)
    names = {"run", "release", "share", *(outcome.archive for outcome in outcomes)}
    good = names - {failure.name for failure in failures}
    notify.end(run, summary, failures, good)
    metrics.send(run, summary, failures)
    if failures:
        raise SystemExit(policy.exit_code(failures))


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


def _report(outcomes: list[Outcome], release: Release | None, run: Run, *, failed: bool) -> None:
    for outcome in outcomes:
        if outcome.state == "changed":
            typer.echo(
                f"{outcome.archive:>8}  {outcome.records:>9,} records, {outcome.changed:,} new or changed, "
                f"{outcome.quarantined:,} set aside, {outcome.anomalies:,} anomalies"
            )
    if release:
        path = run.settings.warehouse / "current.duckdb"
        typer.echo(f"released {release.name}: {release.rows['questions']:,} questions in {path}, {run.seconds:.1f} s")
    elif all(outcome.state in ("unchanged", "absent") for outcome in outcomes) and not (run.force or failed):
        typer.echo(f"nothing new, nothing done, {run.seconds:.1f} s")
    else:
        typer.echo("no release was made; what was published before still is", err=True)


def _name_page(run: Run) -> None:
    from etl.report import run_page

    page = run_page(run.settings, run.id)
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
    except SystemExit as end:
        if end.code == 130:  # Typer takes the interrupt, and ends without a word
            typer.echo("anq: stopped; what was published before still is, run again to go on", err=True)
        raise
    except OSError as error:
        if State.debug:
            raise
        where = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or error
        typer.echo(f"anq: {reason}{where}; check the space left and the permissions, then run again", err=True)
        raise SystemExit(1) from error
    except Exception as error:  # the last resort: a person gets a line, not a traceback
        if State.debug:
            raise
        typer.echo(f"anq: {type(error).__name__}: {error} (our fault; --debug shows where)", err=True)
        raise SystemExit(1) from error
