"""The explorer's page, which `anq explore` serves. Its address says what to show; each cell shows a part."""

import marimo

app = marimo.App(width="full", app_title="Questions au Gouvernement", css_file="style.css", html_head_file="head.html")


@app.cell
def _():
    import marimo as mo

    from etl.errors import UsageError
    from etl.explore import french, pages, plots, queries
    from etl.explore.queries import FACETS, PAGE, Selection
    from etl.explore.release import Opened
    from etl.settings import Settings

    return FACETS, Opened, PAGE, Selection, Settings, UsageError, french, mo, pages, plots, queries


@app.cell
def _(Opened, Settings, UsageError, mo, pages):
    params = mo.query_params()
    try:
        release = Opened.current(Settings.from_env().warehouse)
    except UsageError:
        mo.stop(True, mo.Html(pages.problem()))
    return params, release


@app.cell
def _(mo, pages, release):
    mo.Html(pages.header(release))
    return


@app.cell
def _(params):
    def go(**changes):
        """Changes parameters of the address; an empty one is dropped."""
        for param, value in changes.items():
            params[param] = value or None

    def choose(param, value):
        """Puts a choice in the address, and goes back to the first page."""
        go(page="", **{param: value})

    return choose, go


@app.cell
def _(FACETS, Selection, choose, french, mo, queries, release):
    def facet(name, params):
        """The list of a facet's values, with the questions that each leaves."""
        of = FACETS[name]
        selection = Selection.of(params.to_dict())
        counts = queries.rows(release.connection, queries.values(selection, of))
        values = {str(row["value"]): row["questions"] for row in counts}
        chosen = str(selection.facets.get(name, ""))
        if chosen:
            values.setdefault(chosen, 0)
        labels = {french.counted(french.choice(name, value), count): value for value, count in values.items()}
        return mo.ui.dropdown(
            {of.every: "", **labels},
            value=next((label for label, value in labels.items() if value == chosen), of.every),
            label=of.label,
            full_width=True,
            on_change=lambda value: choose(name, value),
        )

    return (facet,)


@app.cell
def _(go, mo, plots):
    views = {"": "Questions", **{name: plot.tab for name, plot in plots.PLOTS.items()}}
    tabs = mo.ui.array(
        [
            mo.ui.button(label=label, kind="danger", on_change=lambda _, name=name: go(vue=name, question=""))
            for name, label in views.items()
        ]
    )
    return tabs, views


@app.cell
def _(mo, params, queries, tabs, views):
    view = queries.single(params.to_dict()).get("vue", "")
    view = view if view in views else ""
    mo.Html(
        '<nav class="anq-tabs">'
        + "".join(
            f"<span{' aria-current=page' if name == view else ''}>{tab.text}</span>"
            for name, tab in zip(views, tabs, strict=True)
        )
        + "</nav>"
    )
    return (view,)


@app.cell
def _(choose, mo, params, queries):
    words = mo.ui.text(
        value=queries.single(params.to_dict()).get("mots", ""),
        placeholder="mots, numéro ou identifiant",
        label="Rechercher",
        full_width=True,
        on_change=lambda value: choose("mots", value.strip()),
    )
    return (words,)


@app.cell
def _(facet, params):
    legislature = facet("legislature", params)
    return (legislature,)


@app.cell
def _(facet, params):
    kind = facet("type", params)
    return (kind,)


@app.cell
def _(facet, params):
    status = facet("statut", params)
    return (status,)


@app.cell
def _(facet, params):
    ministry = facet("ministere", params)
    return (ministry,)


@app.cell
def _(facet, params):
    group = facet("groupe", params)
    return (group,)


@app.cell
def _(facet, params):
    rubrique = facet("rubrique", params)
    return (rubrique,)


@app.cell
def _(choose, mo, params, queries, release):
    def _date(param, label, default):
        return mo.ui.date(
            start=release.first_day,
            stop=release.fetched_on,
            value=queries.day(queries.single(params.to_dict()).get(param)) or default,
            label=label,
            full_width=True,
            on_change=lambda value: choose(param, "" if value == default else str(value)),
        )

    since = _date("du", "Du", release.first_day)
    until = _date("au", "Au", release.fetched_on)
    return since, until


@app.cell
def _(group, kind, legislature, ministry, mo, params, rubrique, since, status, until, view, words):
    mo.stop(view or "question" in params)
    _facets = "".join(choice.text for choice in (legislature, kind, status, ministry, group, rubrique, since, until))
    mo.Html(f'<div class="anq-search">{words.text}</div><div class="anq-facets">{_facets}</div>')
    return


@app.cell
def _(PAGE, Selection, mo, params, queries, release, view):
    mo.stop(view or "question" in params)
    _selection = Selection.of(params.to_dict())
    total = queries.rows(release.connection, queries.count(_selection))[0]["questions"]
    last = max(1, -(-total // PAGE))
    page = min(queries.page(queries.single(params.to_dict()).get("page")), last)
    sql = queries.results(_selection, page)
    hits = queries.rows(release.connection, sql)
    return hits, last, page, sql, total


@app.cell
def _(go, hits, last, mo, page, pages, sql, total):
    openers = mo.ui.array(
        [
            mo.ui.button(label=pages.plain(pages.title(hit)), on_change=lambda _, uid=hit["uid"]: go(question=uid))
            for hit in hits
        ]
    )
    _turns = {"← Précédentes": page - 1, "Suivantes →": page + 1}
    turners = mo.ui.array(
        [
            mo.ui.button(
                label=label, kind="success", disabled=not 1 <= to <= last, on_change=lambda _, to=to: go(page=str(to))
            )
            for label, to in _turns.items()
        ]
    )
    mo.Html(
        pages.listing(
            hits, [opener.text for opener in openers], total, page, last, [turner.text for turner in turners], sql
        )
    )
    return openers, turners


@app.cell
def _(mo, params, queries, release, view):
    mo.stop(view or "question" not in params)
    question = queries.life(release.connection, queries.single(params.to_dict())["question"])
    return (question,)


@app.cell
def _(go, mo, pages, question):
    back = mo.ui.button(label="← Retour aux questions", kind="success", on_change=lambda _: go(question=""))
    mo.Html(back.text + (pages.life(question) if question else "<p>Aucune question ne porte cet identifiant.</p>"))
    return (back,)


@app.cell
def _(mo, release):
    _legislatures = {f"{number}e législature": number for number in release.legislatures}
    seated = mo.ui.dropdown(_legislatures, value=next(iter(_legislatures)), label="Législature")
    as_of = mo.ui.date(start=release.first_day, stop=release.fetched_on, value=release.fetched_on, label="Vu au")
    return as_of, seated


@app.cell
def _(as_of, mo, pages, plots, queries, release, seated, view):
    mo.stop(not view)
    _plot = plots.PLOTS[view]
    _sql = _plot.sql(seated.value, as_of.value)
    _rows = queries.rows(release.connection, _sql)
    _csv = mo.download(
        queries.csv_of(_rows).encode(),
        filename=f"{view}-{seated.value}-{as_of.value}.csv",
        mimetype="text/csv",
        label="Données (CSV)",
    )
    mo.vstack(
        [
            mo.Html(pages.plot(_plot, seated.text + as_of.text)),
            plots.Drawing(_plot, _rows) if _rows else mo.Html("<p>Aucune question à cette date.</p>"),
            mo.Html(f'<div class="anq-data">{pages.sql(_sql)}{_csv.text}</div>'),
        ]
    )
    return


@app.cell
def _(mo, pages, release):
    mo.Html(pages.footer(release))
    return


if __name__ == "__main__":
    app.run()
