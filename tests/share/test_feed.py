"""The feed of releases is XML whatever a person wrote into it."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from etl.share.about import About, Accepted
from etl.share.feed import feed

NOW = datetime(2026, 9, 24, 4, 30, tzinfo=UTC)


def test_a_reason_with_a_sign_that_xml_does_not_allow():
    about = About(
        release="20260924T043000Z-10000000",
        created_at=NOW,
        fetched_at=NOW,
        made_up=False,
        first_day=None,
        rows={"questions": 1},
        before=None,
        deltas=None,
        held_back=[],
        accepted=[Accepted("17/QE", "questions.rule", "vu\x07 avec <eux> & le service", None)],
        files=[],
    )
    told = ElementTree.fromstring(feed([about], about.release, "https://data.example.fr/anq", NOW))
    [content] = told.iter("{http://www.w3.org/2005/Atom}content")
    assert "Raison : vu avec <eux> & le service" in content.text
