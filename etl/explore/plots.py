"""The explorer's plots: the query of each, and its picture, drawn by Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from etl.explore import french
from etl.explore.queries import delays, quoted

if TYPE_CHECKING:
    from etl.explore.queries import Row

Spec = dict[str, Any]

MINISTRIES, THEMES = 20, 15
INK, SOFT, BLUE, RED = "#1b2540", "#8a94a6", "#3b6fb6", "#cf4a5b"
TWO_MONTHS = 61  # days
WIDTH = 960  # pixels of a picture to keep
NARROW = 340  # pixels of a picture on a phone


@dataclass(frozen=True)
class Plot:
    """A plot.

    Attributes:
        tab: name of its tab, in French.
        title: heading, in French.
        note: says what is counted, in French, from the query's rows.
        sql: makes the query, for a legislature as it was on a day.
        draw: makes Vega-Lite's data, marks and encodings, from the query's rows and the width in pixels.
    """

    tab: str
    title: str
    note: Callable[[list[Row]], str]
    sql: Callable[[int, date], str]
    draw: Callable[[list[Row], int], Spec]

    def svg(self, rows: list[Row], width: int, lines: list[str] | None = None) -> str:
        """The picture as SVG.

        Args:
            rows: the query's rows.
            width: pixels.
            lines: under the title: what is seen, and its source. Without them the title is left out too.
        """
        import vl_convert

        return vl_convert.vegalite_to_svg(self._spec(rows, width, lines), vl_version=_VERSION)

    def png(self, rows: list[Row], width: int, lines: list[str]) -> bytes:
        """The picture as PNG, two points a pixel; arguments as of `svg`."""
        import vl_convert

        return vl_convert.vegalite_to_png(self._spec(rows, width, lines), vl_version=_VERSION, scale=2)

    def _spec(self, rows: list[Row], width: int, lines: list[str] | None) -> Spec:
        plain = [
            {name: str(value) if isinstance(value, date) else value for name, value in row.items()} for row in rows
        ]
        title = {"text": self.title, "subtitle": lines, **_TITLE} if lines else None
        return {
            **self.draw(plain, width),
            "title": title,
            "width": width,
            "autosize": {"type": "fit-x", "contains": "padding"},
            **_STYLE,
        }


def _delays_sql(legislature: int, as_of: date) -> str:
    condition = f"legislature = {legislature} AND question_type = 'QE' AND ministry IS NOT NULL"
    return (
        f"FROM (\n{delays('ministry', condition, as_of)}\n"
        f"ORDER BY questions DESC, ministry LIMIT {MINISTRIES})\n"
        "ORDER BY half_days NULLS LAST, nine_in_ten_days NULLS LAST, ministry"
    )


def _delays_note(rows: list[Row]) -> str:
    note = (
        f"Questions écrites, les {MINISTRIES} ministères attributaires du plus de questions (n). Le point est l’âge "
        "auquel la moitié des questions ont leur réponse ; le trait va jusqu’à celui où neuf sur dix l’ont, s’il est "
        "atteint. Une question sans réponse compte pour le temps qu’elle a attendu : un stock ancien allonge le délai. "
    )
    if _two_months_apply(rows):
        return note + f"Le pointillé marque {TWO_MONTHS} jours, soit les deux mois du Règlement (article 135)."
    return note + (
        "Pas de repère : le délai de deux mois ne vaut que pour les questions publiées depuis le 28 novembre 2014, "
        "et il était d’un mois auparavant."
    )


def _two_months_apply(rows: list[Row]) -> bool:
    return all(row["with_due_day"] == row["questions"] for row in rows)


def _delays(rows: list[Row], width: int) -> Spec:
    values = [{**row, "label": _delay_label(row)} for row in rows]
    days = {
        "field": "half_days",
        "type": "quantitative",
        "title": "Jours depuis la publication de la question",
        "scale": {"domainMin": 0, "nice": True},
    }
    mark = {
        "data": {"values": [{"half_days": TWO_MONTHS}]},
        "mark": {"type": "rule", "color": RED, "strokeDash": [4, 4]},
        "encoding": {"x": days, "y": None},
    }
    return {
        "data": {"values": values},
        "height": {"step": 38},
        "encoding": {
            "y": {"field": "ministry", "type": "nominal", "sort": [row["ministry"] for row in rows], "axis": None}
        },
        "layer": [
            *([mark] if _two_months_apply(rows) else []),
            {
                "transform": [{"filter": "isValid(datum.nine_in_ten_days)"}],
                "mark": {"type": "rule", "color": SOFT, "strokeWidth": 3, "yOffset": 7},
                "encoding": {"x": days, "x2": {"field": "nine_in_ten_days"}},
            },
            {
                "transform": [{"filter": "isValid(datum.half_days)"}],
                "mark": {"type": "point", "filled": True, "size": 100, "color": BLUE, "opacity": 1, "yOffset": 7},
                "encoding": {"x": days},
            },
            {"mark": {**_NAME, "limit": width}, "encoding": {"x": {"value": 0}, "text": {"field": "label"}}},
        ],
    }


def _delay_label(row: Row) -> str:
    days = row["half_days"]
    half = "moins de la moitié répondues" if days is None else french.many(days, "jour", "jours")
    return f"{half} (n = {french.number(row['questions'])}) · {row['ministry']}"


def _backlog_sql(legislature: int, as_of: date) -> str:
    return (
        "SELECT day, pending, overdue\n"
        f"FROM monthly_backlog({quoted(as_of)})\n"
        f"WHERE legislature = {legislature} AND question_type = 'QE'\n"
        "ORDER BY day"
    )


def _backlog_note(rows: list[Row]) -> str:
    last = rows[-1]
    late = "" if last["overdue"] is None else f", dont {french.number(last['overdue'])} en retard"
    return (
        f"Questions écrites publiées, sans réponse ni clôture : au soir du {french.day(last['day'])}, "
        f"n = {french.number(last['pending'])}{late}. Une question est en retard deux mois après sa publication "
        "(Règlement, article 135) ; celles d’avant le 28 novembre 2014, dont le délai était d’un mois, n’ont pas "
        "d’échéance ici."
    )


def _backlog(rows: list[Row], width: int) -> Spec:
    last = rows[-1]
    parts = {"En retard": RED, "Dans le délai, ou sans échéance": BLUE}
    counts = (last["overdue"] or 0, last["pending"] - (last["overdue"] or 0))
    on = french.day(date.fromisoformat(last["day"]))
    late, other = (f"{part} (n = {french.number(count)} au {on})" for part, count in zip(parts, counts, strict=True))
    return {
        "data": {"values": rows},
        "height": 320,
        "transform": [
            {"calculate": "datum.overdue", "as": late},
            {"calculate": "datum.pending - datum.overdue", "as": other},
            {"fold": [late, other], "as": ["part", "questions"]},
        ],
        "mark": {"type": "area", "opacity": 0.9},
        "encoding": {
            "x": {**_MONTH, "field": "day"},
            "y": {"field": "questions", "type": "quantitative", "title": "Questions sans réponse"},
            "color": _colour("part", {late: RED, other: BLUE}, width),
            "order": {"field": "part", "sort": "descending"},
        },
    }


def _flows_sql(legislature: int, as_of: date) -> str:
    return (
        "WITH seen AS (\n"  # and no view by month, which has all of the day's month
        "  SELECT asked_on, coalesce(answered_on, left_on) AS ended_on, status\n"
        f"  FROM questions_at({quoted(as_of)})\n"
        f"  WHERE legislature = {legislature} AND question_type = 'QE'),\n"
        "events AS (\n"
        "  SELECT asked_on AS day, 'asked' AS event FROM seen\n"
        "  UNION ALL\n"
        "  SELECT ended_on, status FROM seen WHERE ended_on IS NOT NULL)\n"
        "SELECT date_trunc('month', day)::DATE AS month,\n"
        "       count(*) FILTER (event = 'asked') AS asked, count(*) FILTER (event = 'answered') AS answered,\n"
        "       count(*) FILTER (event = 'withdrawn') AS withdrawn, count(*) FILTER (event = 'lapsed') AS lapsed,\n"
        "       count(*) FILTER (event = 'closed') AS closed\n"
        "FROM events\n"
        "GROUP BY ALL ORDER BY month"
    )


def _flows_note(rows: list[Row]) -> str:
    return "Questions écrites, au mois de leur publication au Journal officiel."


def _flows(rows: list[Row], width: int) -> Spec:
    lines = {
        f"{name} (n = {french.number(sum(row[column] for row in rows))})": (f"datum.{column}", colour)
        for name, column, colour in (("Questions posées", "asked", INK), ("Réponses publiées", "answered", BLUE))
    }
    return {
        "data": {"values": rows},
        "height": 320,
        "transform": [
            *({"calculate": value, "as": name} for name, (value, _) in lines.items()),
            {"fold": list(lines), "as": ["part", "questions"]},
        ],
        "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 25}},
        "encoding": {
            "x": _MONTH,
            "y": {"field": "questions", "type": "quantitative", "title": "Par mois"},
            "color": _colour("part", {name: colour for name, (_, colour) in lines.items()}, width),
        },
    }


def _topics_sql(legislature: int, as_of: date) -> str:
    return (
        "WITH counted AS (\n"
        "  SELECT rubrique, date_trunc('month', asked_on)::DATE AS month, count(*) AS questions\n"
        f"  FROM questions_at({quoted(as_of)})\n"
        f"  WHERE legislature = {legislature} AND question_type = 'QE'\n"
        "  GROUP BY ALL)\n"
        "SELECT rubrique, month, questions, month_questions, questions / month_questions AS share\n"
        "FROM counted\n"
        "JOIN (SELECT month, sum(questions)::BIGINT AS month_questions FROM counted GROUP BY ALL) USING (month)\n"
        "WHERE rubrique IN (SELECT rubrique FROM counted WHERE rubrique IS NOT NULL GROUP BY rubrique\n"
        f"                   ORDER BY sum(questions) DESC, rubrique LIMIT {THEMES})\n"
        "ORDER BY rubrique, month"
    )


def _topics_note(rows: list[Row]) -> str:
    return f"Questions écrites par mois de publication, les {THEMES} rubriques les plus fournies (n : leurs questions)."


def _topics(rows: list[Row], width: int) -> Spec:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["rubrique"]] = totals.get(row["rubrique"], 0) + row["questions"]
    labels = {rubrique: f"{rubrique} (n = {french.number(total)})" for rubrique, total in totals.items()}
    rubrique = {
        "field": "label",
        "type": "nominal",
        "sort": [labels[rubrique] for rubrique in sorted(totals, key=lambda rubrique: (-totals[rubrique], rubrique))],
        "axis": None,
    }
    return {
        "data": {"values": [{**row, "label": labels[row["rubrique"]]} for row in rows]},
        "height": {"step": 40},
        "layer": [
            {
                "mark": {"type": "rect", "height": {"band": 0.45}, "yOffset": 8},
                "encoding": {
                    "x": {**_MONTH, "timeUnit": "yearmonth"},
                    "y": rubrique,
                    "color": {
                        "field": "questions",
                        "type": "quantitative",
                        "title": "Questions par mois",
                        "scale": {"scheme": "blues"},
                        "legend": {"orient": "top", "gradientLength": 180},
                    },
                },
            },
            {
                "transform": [{"aggregate": [], "groupby": ["label"]}],
                "mark": {**_NAME, "limit": width},
                "encoding": {"x": {"value": 0}, "y": rubrique, "text": {"field": "label"}},
            },
        ],
    }


PLOTS = {
    "delais": Plot("Délais", "Délai de réponse par ministère", _delays_note, _delays_sql, _delays),
    "stock": Plot("En attente", "Questions en attente, mois par mois", _backlog_note, _backlog_sql, _backlog),
    "flux": Plot("Flux", "Questions posées, réponses publiées", _flows_note, _flows_sql, _flows),
    "themes": Plot("Thèmes", "Thèmes au fil du temps", _topics_note, _topics_sql, _topics),
}


def _colour(field: str, colours: dict[str, str], width: int) -> Spec:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": scale,
        "legend": {"orient": "top", "labelLimit": width, "columns": 1 if width <= NARROW else 0},
    }


_NAME = {"type": "text", "align": "left", "baseline": "middle", "yOffset": -10, "color": INK, "fontSize": 12.5}
_MONTH = {
    "field": "month",
    "type": "temporal",
    "title": None,
    "axis": {"format": "%b %Y", "labelOverlap": True, "tickCount": 8, "grid": False},
}
_TITLE = {
    "anchor": "start",
    "frame": "group",
    "fontSize": 17,
    "subtitleFontSize": 12,
    "subtitleColor": "#5a6580",
    "offset": 14,
    "color": INK,
}
_AXIS = {
    "labelColor": INK,
    "titleColor": "#5a6580",
    "titleFontWeight": "normal",
    "labelFontSize": 12,
    "titleFontSize": 12.5,
    "gridColor": "#e7eaf0",
    "domainColor": "#c8cedb",
    "tickColor": "#c8cedb",
}
_VERSION = "6.4"  # of Vega-Lite
_STYLE: Spec = {
    "config": {
        "font": "sans-serif",
        "background": "white",
        "view": {"stroke": None},
        "axis": _AXIS,
        "legend": {"labelFontSize": 12.5, "titleFontSize": 12.5, "titleFontWeight": "normal", "labelColor": INK},
        "locale": {
            "number": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]},
            "time": {
                "dateTime": "%A %e %B %Y à %X",
                "date": "%d/%m/%Y",
                "time": "%H:%M:%S",
                "periods": ["", ""],
                "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
                "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
                "months": french.MONTHS,
                "shortMonths": [
                    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
                    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
                ],
            },
        },
    },
}
