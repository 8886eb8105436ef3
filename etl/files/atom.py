"""Atom feeds: what every one has, and its elements, with no character that XML does not allow."""

from __future__ import annotations

import re
from xml.etree import ElementTree  # only written here  # nosec B405
from xml.etree.ElementTree import Element  # nosec B405

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def begun(title: str, address: str, page: tuple[str, str], updated: str, author: str) -> Element:
    """A feed in French, without entries.

    Args:
        title: of the feed.
        address: URL of the feed, which is its id too.
        page: media type and URL of what has the same.
        updated: instant of its last change, as RFC 3339 writes it.
        author: name of the author.
    """
    feed = Element(f"{{{_ATOM}}}feed", {_LANGUAGE: "fr"})
    add(feed, "title", title)
    add(feed, "id", address)
    add(feed, "link", rel="self", type="application/atom+xml", href=address)
    add(feed, "link", rel="alternate", type=page[0], href=page[1])
    add(feed, "updated", updated)
    add(add(feed, "author"), "name", author)
    add(feed, "rights", "Source : Assemblée nationale, data.assemblee-nationale.fr. Licence Ouverte / Etalab 2.0.")
    return feed


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """Adds an element to another."""
    clean = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    child.text = None if text is None else _NOT_XML.sub("", text)
    return child


def written(feed: Element) -> bytes:
    """The feed as a file."""
    ElementTree.register_namespace("", _ATOM)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))
