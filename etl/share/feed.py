"""The Atom feed of releases, in French: what each holds, what is new in it, and what is not in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from etl.files.atom import add, begun, written
from etl.share.about import About
from etl.share.dcat import MADE_UP, TITLE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # nosec B405


def feed(releases: Sequence[About], current: str, url: str, now: datetime) -> bytes:
    """The feed.

    Args:
        releases: those that are there, newest first.
        current: the name of the one that is pointed to; a newer one was taken back.
        url: of the place.
        now: when it is pointed to.
    """
    title = f"{MADE_UP if releases[0].made_up else ''}{TITLE} : versions"
    root = begun(title, f"{url}/releases.atom", ("application/json", f"{url}/latest.json"), _instant(now), "anq")
    for about in releases:
        _entry(root, about, url, taken_back=now if about.release > current else None)
    return written(root) + b"\n"


def _entry(root: Element, about: About, url: str, taken_back: datetime | None) -> None:
    folder = f"{url}/releases/{about.release}"
    entry = add(root, "entry")
    title = f"{_moment(about.created_at)}, {_count('questions', about)}"
    add(entry, "title", f"Retirée : {title}" if taken_back else title)
    add(entry, "id", f"{folder}/")
    add(entry, "link", rel="alternate", type="application/json", href=f"{folder}/about.json")
    for file in about.files:
        if file.path == "anq.duckdb":
            link = {"type": "application/octet-stream", "href": f"{folder}/{file.path}", "length": str(file.bytes)}
            add(entry, "link", rel="enclosure", **link)
    add(entry, "published", _instant(about.created_at))
    add(entry, "updated", _instant(taken_back or about.created_at))
    add(entry, "content", "\n".join(_lines(about, taken_back)), type="text")


def _lines(about: About, taken_back: datetime | None) -> Iterator[str]:
    if taken_back:
        yield "Cette version a été retirée ; la version en cours est plus ancienne."
    if about.made_up:
        yield "Des questions de cette version sont inventées : ne pas les publier comme celles de l'Assemblée."
    yield f"Version {about.release}, dernière récupération le {_moment(about.fetched_at)}."
    yield "Lignes par table" + (f" (et écart avec {about.before})" if about.before else "") + " :"
    for table in (name for name in about.rows if "." not in name):  # the others are the ledger and the index
        yield f"- {_count(table, about)}"
    for held in about.held_back:
        rules = ", ".join(held.rules)
        yield f"Retenue depuis le {held.since:%Y-%m-%d} : {held.archive}, qui reste comme avant ({rules})."
    for accepted in about.accepted:
        yield f"Acceptée : {accepted.archive}, {accepted.rule}. Raison : {accepted.why}"


def _count(table: str, about: About) -> str:
    delta = f" ({about.deltas[table]:+d})" if about.deltas and about.deltas.get(table) else ""
    return f"{table} : {about.rows[table]:,}{delta}".replace(",", "\u202f")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
