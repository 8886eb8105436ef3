"""The explorer's plots: the query of each, and its drawing by Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from etl.explore import french
from etl.explore.queries import literal

if TYPE_CHECKING:
    from etl.explore.queries import Row

Spec = dict[str, Any]

MINISTRIES, THEMES = 20, 15
INK, SOFT, BLUE, RED = "#1b2540", "#8a94a6", "#3b6fb6", "#cf4a5b"


@dataclass(frozen=True)
class Plot:
    """A plot.

    Attributes:
        tab: name of its tab, in French.
        title: heading, in French.
        note: what is counted, in French.
        sql: makes the query, for a legislature as it was on a day.
        draw: makes Vega-Lite's data, marks and encodings, from the query's rows.
    """

    tab: str
    title: str
    note: str
    sql: Callable[[int, date], str]
    draw: Callable[[list[Row]], Spec]


@dataclass(frozen=True)
class Drawing:
    """A plot with its rows, which marimo shows by `_mime_`."""

    plot: Plot
    rows: list[Row]

    def _mime_(self) -> tuple[str, str]:
        spec = {**self.plot.draw(self.rows), "width": "container", "description": self.plot.title, **_STYLE}
        return "application/vnd.vegalite.v6+json", msgspec.json.encode(spec).decode()


def _delays_sql(legislature: int, as_of: date) -> str:
    return (
        "SELECT ministry, asked, answered, pending, overdue, due, in_time, in_time_rate, median_days, p90_days\n"
        f"FROM response_delays({literal(as_of)})\n"
        f"WHERE legislature = {legislature} AND question_type = 'QE'\n"
        f"ORDER BY asked DESC, ministry LIMIT {MINISTRIES}"
    )


def _delays(rows: list[Row]) -> Spec:
    answered = sorted((row for row in rows if row["median_days"] is not None), key=lambda row: row["median_days"])
    shared = {
        "y": {"field": "ministry", "type": "nominal", "sort": [row["ministry"] for row in answered], "axis": None},
        "tooltip": [
            _tip("ministry", "Ministère"),
            _tip("asked", "Questions", ","),
            _tip("answered", "Réponses", ","),
            _tip("due", "Questions échues", ","),
            _tip("in_time", "dont répondues à temps", ","),
            _tip("in_time_rate", "soit", ".0%"),
            _tip("median_days", "Délai médian, jours", ".0f"),
            _tip("p90_days", "Neuf sur dix en, jours", ".0f"),
        ],
    }
    days = {"field": "median_days", "type": "quantitative", "title": "Jours entre la question et la réponse"}
    return {
        "data": {"values": answered},
        "height": {"step": 38},
        "encoding": shared,
        "layer": [
            {
                "data": {"values": [{"median_days": 61}]},
                "mark": {"type": "rule", "color": RED, "strokeDash": [4, 4]},
                "encoding": {"x": days, "y": None, "tooltip": None},
            },
            {
                "mark": {"type": "rule", "color": SOFT, "strokeWidth": 3, "yOffset": 7},
                "encoding": {"x": days, "x2": {"field": "p90_days"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 100, "color": BLUE, "opacity": 1, "yOffset": 7},
                "encoding": {"x": days},
            },
            {"mark": _NAME, "encoding": {"x": {"value": 0}, "text": {"field": "ministry"}}},
        ],
    }


def _backlog_sql(legislature: int, as_of: date) -> str:
    return (
        "SELECT day, pending, overdue\n"
        f"FROM monthly_backlog({literal(as_of)})\n"
        f"WHERE legislature = {legislature} AND question_type = 'QE'\n"
        "ORDER BY day"
    )


def _backlog(rows: list[Row]) -> Spec:
    parts = {"En retard": RED, "Dans le délai, ou sans échéance": BLUE}
    late, other = parts
    return {
        "data": {"values": rows},
        "height": 320,
        "transform": [
            {"calculate": "datum.overdue", "as": late},
            {"calculate": "datum.pending - datum.overdue", "as": other},
            {"fold": list(parts), "as": ["part", "questions"]},
        ],
        "mark": {"type": "area", "opacity": 0.9},
        "encoding": {
            "x": {**_MONTH, "field": "day"},
            "y": {"field": "questions", "type": "quantitative", "title": "Questions sans réponse"},
            "color": _colour("part", parts),
            "order": {"field": "part", "sort": "descending"},
            "tooltip": [
                {"field": "day", "type": "temporal", "title": "Au soir du", "format": "%e %B %Y"},
                _tip("pending", "En attente", ","),
                _tip("overdue", "dont en retard", ","),
            ],
        },
    }


def _flows_sql(legislature: int, as_of: date) -> str:
    return (
        "SELECT month, asked, answered, withdrawn, lapsed, closed\n"
        "FROM monthly_flows\n"
        f"WHERE legislature = {legislature} AND question_type = 'QE' AND month <= {literal(as_of)}\n"
        "ORDER BY month"
    )


def _flows(rows: list[Row]) -> Spec:
    parts = {"Questions posées": INK, "Réponses publiées": BLUE}
    return {
        "data": {"values": rows},
        "height": 320,
        "transform": [
            {"calculate": "datum.asked", "as": "Questions posées"},
            {"calculate": "datum.answered", "as": "Réponses publiées"},
            {"fold": list(parts), "as": ["part", "questions"]},
        ],
        "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 25}},
        "encoding": {
            "x": _MONTH,
            "y": {"field": "questions", "type": "quantitative", "title": "Par mois"},
            "color": _colour("part", parts),
            "tooltip": [_MONTH_TIP, _tip("asked", "Questions posées", ","), _tip("answered", "Réponses publiées", ",")],
        },
    }


def _topics_sql(legislature: int, as_of: date) -> str:
    return (
        "WITH counted AS (\n"
        "  SELECT rubrique, month, questions, month_questions, share\n"
        "  FROM rubriques_by_month\n"
        f"  WHERE legislature = {legislature} AND question_type = 'QE' AND month <= {literal(as_of)}\n"
        "    AND rubrique IS NOT NULL)\n"
        "FROM counted\n"
        "WHERE rubrique IN (SELECT rubrique FROM counted GROUP BY rubrique\n"
        f"                   ORDER BY sum(questions) DESC, rubrique LIMIT {THEMES})\n"
        "ORDER BY rubrique, month"
    )


def _topics(rows: list[Row]) -> Spec:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["rubrique"]] = totals.get(row["rubrique"], 0) + row["questions"]
    rubrique = {
        "field": "rubrique",
        "type": "nominal",
        "sort": sorted(totals, key=lambda rubrique: (-totals[rubrique], rubrique)),
        "axis": None,
    }
    return {
        "data": {"values": rows},
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
                    "tooltip": [_MONTH_TIP, _tip("rubrique", "Rubrique"), _tip("questions", "Questions", ",")],
                },
            },
            {
                "transform": [{"aggregate": [], "groupby": ["rubrique"]}],
                "mark": _NAME,
                "encoding": {"x": {"value": 0}, "y": rubrique, "text": {"field": "rubrique"}},
            },
        ],
    }


PLOTS = {
    "delais": Plot(
        "Délais",
        "Délai de réponse par ministère",
        f"Questions écrites, les {MINISTRIES} ministères les plus interrogés. Le point est le délai médian ; neuf "
        "réponses sur dix arrivent avant le bout du trait. Le pointillé marque 61 jours, soit les deux mois du "
        "Règlement (article 135).",
        _delays_sql,
        _delays,
    ),
    "stock": Plot(
        "En attente",
        "Questions en attente, mois par mois",
        "Questions écrites publiées, sans réponse ni clôture. Une question est en retard deux mois après sa "
        "publication (Règlement, article 135) ; celles d’avant le 28 novembre 2014 n’ont pas d’échéance.",
        _backlog_sql,
        _backlog,
    ),
    "flux": Plot(
        "Flux",
        "Questions posées, réponses publiées",
        "Questions écrites, au mois de leur publication au Journal officiel.",
        _flows_sql,
        _flows,
    ),
    "themes": Plot(
        "Thèmes",
        "Thèmes au fil du temps",
        f"Questions écrites par mois de publication, les {THEMES} rubriques les plus fournies.",
        _topics_sql,
        _topics,
    ),
}


def _tip(field: str, title: str, form: str | None = None) -> Spec:
    kind = {"type": "quantitative", "format": form} if form else {"type": "nominal"}
    return {"field": field, "title": title, **kind}


def _colour(field: str, colours: dict[str, str]) -> Spec:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": scale,
        "legend": {"orient": "top", "labelLimit": 300},
    }


_NAME = {"type": "text", "align": "left", "baseline": "middle", "yOffset": -10, "color": INK, "fontSize": 12.5}
_MONTH = {
    "field": "month",
    "type": "temporal",
    "title": None,
    "axis": {"format": "%b %Y", "labelOverlap": True, "tickCount": 8, "grid": False},
}
_MONTH_TIP = {"field": "month", "type": "temporal", "title": "Mois", "format": "%B %Y"}
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
_STYLE: Spec = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",  # a name: nothing is fetched from there
    "usermeta": {"embedOptions": {"actions": False}},
    "config": {
        "font": "PT Sans, sans-serif",
        "background": "transparent",
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
