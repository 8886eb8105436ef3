"""The Atom feed of releases, in French: what each holds, what is new in it, and what is not in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from etl.share.about import About
from etl.share.dcat import MADE_UP, TITLE

_ATOM = "http://www.w3.org/2005/Atom"


def feed(releases: Sequence[About], current: str, url: str, now: datetime) -> bytes:
    """The feed.

    Args:
        releases: those that are there, newest first.
        current: the name of the one that is pointed to; a newer one was taken back.
        url: of the place.
        now: when it is pointed to.
    """
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    _add(root, "title", f"{MADE_UP if releases[0].made_up else ''}{TITLE} : versions")
    _add(root, "id", f"{url}/releases.atom")
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{url}/releases.atom")
    _add(root, "link", rel="alternate", type="application/json", href=f"{url}/latest.json")
    _add(root, "updated", _instant(now))
    _add(_add(root, "author"), "name", "anq")
    _add(root, "rights", "Source : Assemblée nationale, data.assemblee-nationale.fr. Licence Ouverte / Etalab 2.0.")
    for about in releases:
        _entry(root, about, url, taken_back=now if about.release > current else None)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(root: ElementTree.Element, about: About, url: str, taken_back: datetime | None) -> None:
    folder = f"{url}/releases/{about.release}"
    entry = _add(root, "entry")
    title = f"{_moment(about.created_at)}, {_count('questions', about)}"
    _add(entry, "title", f"Retirée : {title}" if taken_back else title)
    _add(entry, "id", f"{folder}/")
    _add(entry, "link", rel="alternate", type="application/json", href=f"{folder}/about.json")
    for file in about.files:
        if file.path == "anq.duckdb":
            link = {"type": "application/octet-stream", "href": f"{folder}/{file.path}", "length": str(file.bytes)}
            _add(entry, "link", rel="enclosure", **link)
    _add(entry, "published", _instant(about.created_at))
    _add(entry, "updated", _instant(taken_back or about.created_at))
    _add(entry, "content", "\n".join(_lines(about, taken_back)), type="text")


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


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    child.text = text
    return child


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
