"""What every source of people is read into: persons with their mandates, and bodies; strings as they are."""

from __future__ import annotations

import msgspec

KEPT = {"ASSEMBLEE", "GP", "GOUVERNEMENT", "MINISTERE"}
"""Kinds of bodies, and of mandates in them, that a question needs: its author, their group, who answers."""


class Mandate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mandate in one body or more; only a deputy's has anything from `department` on."""

    uid: str | None
    person: str | None
    legislature: str | None
    organ_type: str
    organs: tuple[str, ...]
    quality: str | None
    principal: str | None
    mission: str | None
    start: str | None
    end: str | None
    department: str | None
    department_number: str | None
    constituency_number: str | None
    constituency: str | None
    region: str | None
    region_type: str | None
    election_cause: str | None
    took_office: str | None
    end_cause: str | None
    first_election: str | None
    seat: str | None
    replaced: str | None


class Person(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person, and their mandates of the kinds in KEPT."""

    uid: str | None
    civility: str | None
    first_name: str | None
    last_name: str | None
    trigram: str | None
    birth_date: str | None
    birth_place: str | None
    birth_department: str | None
    birth_country: str | None
    profession: str | None
    profession_category: str | None
    profession_family: str | None
    hatvp_url: str | None
    mandates: tuple[Mandate, ...]


class Organ(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A body of one of the kinds in KEPT."""

    uid: str | None
    organ_type: str
    name: str | None
    abbr: str | None
    short_name: str | None
    parent: str | None
    previous: str | None
    legislature: str | None
    position: str | None
    colour: str | None
    precedence: str | None
    start: str | None
    end: str | None
