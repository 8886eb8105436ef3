"""What the explorer's addresses show: lists, a question, plots, and the files of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from etl.errors import UsageError
from etl.explore import files, french, pages, plots, queries
from etl.explore.queries import FACETS, PAGE, Selection
from etl.explore.release import Opened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from starlette.responses import Response

    from etl.explore.plots import Plot
    from etl.explore.queries import Row

FAMILIES = "familles"
BATCH = 10_000  # rows of a file, read at a time
SOURCE = "Source : Assemblée nationale, data.assemblee-nationale.fr. Licence Ouverte / Etalab 2.0."


class Unknown(UsageError):
    """An address asks for something that is not there; the message says so in French."""


class Visit(NamedTuple):
    """One request: the release, a connection of its own, the parameters of the address and the site's own address."""

    release: Opened
    connection: DuckDBPyConnection
    params: dict[str, str]
    base: str

    def href(self, **changes: object) -> str:
        """This address with other parameters; an empty one is dropped."""
        return address({**self.params, **{name: str(value) for name, value in changes.items()}})

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query."""
        return queries.rows(self.connection, sql)


def address(params: Mapping[str, str]) -> str:
    """The address of a page; an empty parameter is dropped."""
    query = urlencode({name: value for name, value in params.items() if value})
    return f"/?{query}" if query else "/"


def view(visit: Visit) -> Response:
    """What an address shows, in the form that it asks for.

    Raises:
        Unknown: it asks for something that is not there.
    """
    name, form = visit.params.get("vue"), visit.params.get("format")
    if form and ("question" in visit.params or name == FAMILIES):
        raise Unknown(f"Cette page n’est pas là comme fichier « {form} ».")
    if "question" in visit.params:
        return _question(visit)
    if name == FAMILIES and visit.release.families:
        return _families(visit)
    if name in plots.PLOTS:
        return _plot(visit, plots.PLOTS[name])
    if name:
        raise Unknown(f"Il n’y a pas de vue « {name} ».")
    return _list(visit)


def _list(visit: Visit) -> Response:
    for name in ("du", "au"):
        if (text := visit.params.get(name)) and queries.day(text) is None:  # without it there would be more questions
            raise Unknown(f"« {text} » n’est pas un jour ; écrivez-le comme 2024-02-29.")
    selection = Selection.of(visit.params)
    if selection.family and not visit.release.families:
        raise Unknown("Cette version n’a pas de familles de ministères.")
    subject = _subject(visit, selection)
    title = _title(visit, selection, subject)
    form = visit.params.get("format")
    if form == "atom":
        return _feed(visit, selection, title)
    if form:
        return _rows_file(visit, form, "questions", queries.whole(selection), title)
    total = visit.rows(queries.count(selection))[0]["questions"]
    last = max(1, -(-total // PAGE))
    page = min(queries.number(visit.params.get("page")) or 1, last)
    query = queries.results(selection, page)
    questions = visit.rows(query)
    stems = _stems(visit, selection)
    for question in questions:
        question["href"] = visit.href(question=question["uid"])
        question["excerpt"] = pages.excerpt(question, stems)
    links = {"Données (CSV)": "csv", "Données (XLSX)": "xlsx", "Suivre par Atom": "atom"}
    return _html(
        visit,
        "list.html",
        f"{title}, page {page}" if page > 1 else title,
        subject=subject,
        hidden={name: visit.params[name] for name in ("depute", "famille", "tri") if name in visit.params},
        words=visit.params.get("mots", ""),
        facets=[_facet(visit, selection, name) for name in FACETS],
        since=selection.since,
        until=selection.until,
        authors=_authors(visit, selection),
        total=total,
        questions=questions,
        orders=_orders(visit, selection),
        first=PAGE * (page - 1) + 1,
        page=page,
        last=last,
        before=visit.href(page=page - 1 if page > 2 else "") if page > 1 else "",
        after=visit.href(page=page + 1) if page < last else "",
        feed=visit.href(format="atom", page=""),
        links={label: visit.href(format=form, page="") for label, form in links.items()},
        query=query,
    )


def _title(visit: Visit, selection: Selection, subject: dict[str, Any] | None) -> str:
    """The title of a list: what narrows it, in French."""
    parts = [str(subject["name"])] if subject else []
    parts += [f"« {selection.words} »"] if selection.words else []
    parts += [french.choice(name, value) for name, value in selection.facets.items()]
    parts += [f"du {french.day(selection.since)}"] if selection.since else []
    parts += [f"au {french.day(selection.until)}"] if selection.until else []
    return ", ".join(parts) or "Questions"


def _subject(visit: Visit, selection: Selection) -> dict[str, Any] | None:
    """The deputy or the family of ministries that a list is about, with the delays of their questions."""
    as_of = visit.release.last_issue
    if selection.deputy:
        deputy = queries.deputy(visit.connection, selection.deputy)
        if deputy is None:
            raise Unknown(f"Aucun auteur ne porte l’identifiant « {selection.deputy} ».")
        lines = [value for value in (deputy["group"], deputy["department"]) if value]
        condition = f"question_type <> 'QG' AND {queries.of_deputy(selection.deputy)}"
        by = "legislature, question_type"
        query = queries.delays(by, condition, as_of) + "\nORDER BY legislature DESC, question_type"
        name = deputy["name"]
    elif selection.family:
        ministries = visit.rows(queries.ministries(selection.family))
        if not ministries:
            raise Unknown(f"Il n’y a pas de famille « {selection.family} ».")
        lines = [" · ".join(french.counted(row["ministry"], row["questions"]) for row in ministries)]
        condition = f"question_type = 'QE' AND {queries.of_family(selection.family)}"
        query = queries.delays("legislature", condition, as_of) + "\nORDER BY legislature DESC"
        name = selection.family
    else:
        return None
    caption = f"Délais de réponse, vus au {french.day(as_of)}"
    return {"name": name, "lines": lines, "caption": caption, "delays": visit.rows(query), "sql": query}


def _stems(visit: Visit, selection: Selection) -> set[str]:
    if not selection.searched:
        return set()
    return {row["stem"] for row in visit.rows(queries.stems(selection.words))}


def _authors(visit: Visit, selection: Selection) -> list[Row]:
    """The authors whose name the words are."""
    found = queries.deputies(visit.connection, selection.words) if selection.searched else []
    return [{**row, "href": address({"depute": row["deputy_id"]})} for row in found]


def _orders(visit: Visit, selection: Selection) -> list[dict[str, Any]]:
    """The ways to sort what words found."""
    if not selection.searched:
        return []
    return [
        {"label": label, "href": visit.href(tri=tri, page=""), "here": selection.ranked == (tri == "")}
        for label, tri in (("pertinence", ""), ("date", "date"))
    ]


def _facet(visit: Visit, selection: Selection, name: str) -> dict[str, Any]:
    """A facet with its values and the questions that each leaves."""
    facet = FACETS[name]
    counts = {str(row["value"]): row["questions"] for row in visit.rows(queries.values(selection, facet))}
    chosen = str(selection.facets.get(name, ""))
    if chosen:
        counts.setdefault(chosen, 0)
    options = [
        {"value": value, "label": french.counted(french.choice(name, value), count), "chosen": value == chosen}
        for value, count in counts.items()
    ]
    return {"param": name, "label": facet.label, "every": facet.every, "options": options}


def _question(visit: Visit) -> Response:
    question = queries.life(visit.connection, visit.params["question"])
    if question is None:
        raise Unknown(f"Aucune question ne porte l’identifiant « {visit.params['question']} ».")
    facts = [
        {"name": fact.name, "value": fact.value, "href": address(fact.params) if fact.params else ""}
        for fact in pages.facts(question)
    ]
    return _html(
        visit,
        "question.html",
        f"{pages.heading(question)}, {pages.reference(question)}",
        question=question,
        facts=facts,
        events=pages.events(question),
        texts=pages.texts(question),
        official=pages.OFFICIAL.format_map(question),
        back=f"{visit.href(question='')}#{question['uid']}",
    )


def _families(visit: Visit) -> Response:
    families = visit.rows(queries.FAMILIES)
    listed = [{**row, "href": address({"famille": row["family"]})} for row in families]
    return _html(visit, "families.html", "Familles de ministères", families=listed)


def _plot(visit: Visit, plot: Plot) -> Response:
    params = visit.params
    legislature, as_of = _seen(visit)
    query = plot.sql(legislature, as_of)
    rows = visit.rows(query)
    seen = f"{french.ordinal(legislature)} législature, vu au {french.day(as_of)}"
    form = params.get("format")
    if form in ("svg", "png"):
        return _picture(visit, plot, rows, seen)
    if form:
        return _rows_file(visit, form, params["vue"], query, f"{plot.title}, {seen}")
    here = partial(visit.href, legislature=legislature, au=as_of)
    links = {"Image (SVG)": "svg", "Image (PNG)": "png", "Données (CSV)": "csv", "Données (XLSX)": "xlsx"}
    return _html(
        visit,
        "plot.html",
        f"{plot.title}, {seen}",
        plot=plot,
        view=params["vue"],
        legislature=legislature,
        as_of=as_of,
        seen=seen,
        rows=rows,
        note=plot.note(rows) if rows else "",
        source=SOURCE,
        narrow=here(format="svg", largeur=plots.NARROW),
        wide=here(format="svg", largeur=plots.WIDTH),
        links={label: here(format=form) for label, form in links.items()},
        query=query,
    )


def _seen(visit: Visit) -> tuple[int, date]:
    """The legislature of a plot, the newest by default, and the day, by default that of the last issue."""
    release, params = visit.release, visit.params
    legislature, as_of = release.legislatures[0], release.last_issue
    if "legislature" in params:
        legislature = queries.number(params["legislature"]) or 0
        if legislature not in release.legislatures:
            raise Unknown(f"Aucune question de la législature « {params['legislature']} ».")
    if "au" in params:
        as_of = queries.day(params["au"]) or date.max
        if not release.first_day <= as_of <= release.fetched_on:
            first, last = french.day(release.first_day), french.day(release.fetched_on)
            raise Unknown(f"« {params['au']} » n’est pas un jour des données, qui vont du {first} au {last}.")
    return legislature, as_of


def _picture(visit: Visit, plot: Plot, rows: list[Row], seen: str) -> Response:
    """A plot's picture; with a width it is the page's own, whose title and source the page says."""
    from starlette.responses import Response

    if not rows:
        raise Unknown("Aucune question à cette date.")
    lines = [seen, SOURCE, visit.release.name]
    if visit.params["format"] == "png":
        return Response(plot.png(rows, plots.WIDTH, lines), media_type="image/png")
    width = queries.number(visit.params.get("largeur"))
    if width is None:
        return Response(plot.svg(rows, plots.WIDTH, lines), media_type="image/svg+xml")
    return Response(plot.svg(rows, plots.NARROW if width <= plots.NARROW else plots.WIDTH), media_type="image/svg+xml")


def _rows_file(visit: Visit, form: str, name: str, query: str, title: str) -> Response:
    """The rows of a query as a file to keep."""
    from starlette.responses import Response, StreamingResponse

    relation = visit.connection.sql(query)
    columns = relation.columns
    name = f"{name}-{visit.release.last_issue}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "csv":
        texts = files.csv_texts(columns, _batches(relation))
        return StreamingResponse(texts, media_type="text/csv; charset=utf-8", headers=headers)
    if form != "xlsx":
        raise Unknown(f"Cette page n’existe pas sous la forme « {form} ».")
    if len(relation) > files.SHEET_ROWS:
        raise Unknown("Cette liste a trop de lignes pour une feuille XLSX ; prenez-la en CSV.")
    source = [title, SOURCE, f"Version {visit.release.name}, {visit.base}{visit.href(format='')}", *query.split("\n")]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(files.xlsx(columns, _batches(relation), source), media_type=kind, headers=headers)


def _batches(relation: DuckDBPyRelation) -> Iterator[files.Batch]:
    while batch := relation.fetchmany(BATCH):
        yield batch


def _feed(visit: Visit, selection: Selection, title: str) -> Response:
    from starlette.responses import Response

    events = visit.rows(queries.events(selection))
    for event in events:
        event["href"] = f"{visit.base}{address({'question': event['uid']})}"
    feed = files.atom(
        f"Questions au Gouvernement : {title}",
        visit.base + visit.href(page="", tri=""),
        visit.base + visit.href(page="", tri="", format=""),
        visit.release.last_issue,
        events,
    )
    return Response(feed, media_type="application/atom+xml; charset=utf-8")


def _html(visit: Visit, template: str, title: str, **values: object) -> Response:
    from starlette.responses import HTMLResponse

    view = visit.params.get("vue", "")
    shown = {"": "Questions", **{name: plot.tab for name, plot in plots.PLOTS.items()}}
    if visit.release.families:
        shown[FAMILIES] = "Familles"
    kept = {name: visit.params[name] for name in ("legislature", *(["au"] if view else [])) if name in visit.params}
    tabs = [
        {"label": label, "href": address({"vue": name, **(kept if name in plots.PLOTS else {})}), "here": name == view}
        for name, label in shown.items()
    ]
    return HTMLResponse(pages.render(template, title=title, release=visit.release, tabs=tabs, **values))


def problem(visit: Visit, problem: str) -> Response:
    """The page that says what is not there."""
    page = _html(visit, "problem.html", problem, problem=problem)
    page.status_code = 404
    return page
