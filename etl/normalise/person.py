"""Persons and bodies as rows: clean, with what was odd about them."""

from __future__ import annotations

from etl.normalise.rows import Reader, Row
from etl.parse.person import Mandate, Organ, Person
from etl.parse.record import Anomaly, RecordError

Tables = dict[str, list[Row]]


def person_rows(person: Person) -> tuple[Tables, list[Anomaly]]:
    """A person as a row of `deputies` and rows of `mandates`.

    Raises:
        RecordError: the person or a mandate has no identifier, or one that contradicts another.
    """
    read = Reader()
    deputy_id = _identity(read, "PA", person.uid)
    last_name = read.label(person.last_name)
    if last_name is None:
        raise RecordError("missing", f"{deputy_id} has no name")
    deputy: Row = {
        "deputy_id": deputy_id,
        "civility": read.label(person.civility),
        "first_name": read.label(person.first_name),
        "last_name": last_name,
        "trigram": read.label(person.trigram),
        "born_on": read.date("deputies.born_on", person.birth_date),
        "birth_place": read.label(person.birth_place),
        "birth_department": read.label(person.birth_department),
        "birth_country": read.label(person.birth_country),
        "profession": read.label(person.profession),
        "profession_category": read.label(person.profession_category),
        "profession_family": read.label(person.profession_family),
        "hatvp_url": read.label(person.hatvp_url),
    }
    mandates = [_mandate(read, deputy_id, mandate) for mandate in person.mandates]
    return {"deputies": [deputy], "mandates": mandates}, read.odd


def organ_rows(organ: Organ) -> tuple[Tables, list[Anomaly]]:
    """A body as a row of `organs`.

    Raises:
        RecordError: it has no identifier.
    """
    read = Reader()
    row: Row = {
        "organ_id": _identity(read, "PO", organ.uid),
        "organ_type": organ.organ_type,
        "name": read.label(organ.name),
        "abbr": read.label(organ.abbr),
        "short_name": read.label(organ.short_name),
        "parent_id": read.id("organs.parent_id", "PO", organ.parent),
        "previous_id": read.id("organs.previous_id", "PO", organ.previous),
        "legislature": read.number("organs.legislature", organ.legislature),
        "position": read.label(organ.position),
        "colour": read.label(organ.colour),
        "precedence": read.number("organs.precedence", organ.precedence),
        "started_on": read.date("organs.started_on", organ.start),
        "ended_on": read.date("organs.ended_on", organ.end),
    }
    return {"organs": [row]}, read.odd


def _mandate(read: Reader, deputy_id: str, mandate: Mandate) -> Row:
    mandate_id = _identity(read, "PM", mandate.uid)
    if mandate.person != deputy_id:
        whose = repr(mandate.person) if mandate.person else "nobody"
        raise RecordError("identity", f"{deputy_id} has the mandate {mandate_id} of {whose}")
    bodies = [organ_id for organ in mandate.organs if (organ_id := read.id("mandates.organ_ids", "PO", organ))]
    return {
        "mandate_id": mandate_id,
        "deputy_id": deputy_id,
        "legislature": read.number("mandates.legislature", mandate.legislature),
        "organ_type": mandate.organ_type,
        "organ_id": bodies[0] if bodies else None,
        "organ_ids": bodies or None,
        "quality": read.label(mandate.quality),
        "principal": read.flag("mandates.principal", mandate.principal),
        "mission": read.label(mandate.mission),
        "department": read.label(mandate.department),
        "department_number": read.label(mandate.department_number),
        "constituency_number": read.number("mandates.constituency_number", mandate.constituency_number),
        "constituency_id": read.id("mandates.constituency_id", "PO", mandate.constituency),
        "region": read.label(mandate.region),
        "region_type": read.label(mandate.region_type),
        "election_cause": read.label(mandate.election_cause),
        "first_election": read.flag("mandates.first_election", mandate.first_election),
        "took_office_on": read.date("mandates.took_office_on", mandate.took_office),
        "end_cause": read.label(mandate.end_cause),
        "seat": read.number("mandates.seat", mandate.seat),
        "replaced_mandate_id": read.id("mandates.replaced_mandate_id", "PM", mandate.replaced),
        "started_on": read.date("mandates.started_on", mandate.start),
        "ended_on": read.date("mandates.ended_on", mandate.end),
    }


def _identity(read: Reader, prefix: str, value: str | None) -> str:
    identifier = read.id("uid", prefix, value)
    if identifier is None:
        shown = repr(value) if value else "missing"
        raise RecordError("missing", f"uid is {shown}, {prefix} and a number were expected")
    return identifier
