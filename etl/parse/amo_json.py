"""The Assembly's people and bodies in JSON: a file an acteur, with all their mandates, and a file an organe.

Shapes: docs/source/formats.md 9. Mandates and bodies of the kinds in IGNORED (committees, study groups, parties …) say
nothing of a question, and are most of the archive: they are left out unread.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from etl.parse.node import ATTRIBUTES, SPACES, Ignored, Node, Scalar, Value, node, nodes, text, tidied
from etl.parse.person import KEPT, Mandate, Organ, Person
from etl.parse.record import Anomaly, RecordError

_ATTRIBUTES = frozenset(ATTRIBUTES.values())
IGNORED = {
    *("API", "BUREAU", "CIRCONSCRIPTION", "CJR", "CMP", "CNPE", "CNPS", "COMNL", "COMPER", "CONFPT", "DELEG"),
    *("DELEGBUREAU", "GA", "GE", "GEVI", "MISINFO", "MISINFOCOM", "MISINFOPRE", "OFFPAR", "ORGEXTPARL", "PARPOL"),
    *("SENAT", "COMSENAT", "COMSPSENAT", "DELEGSENAT", "GROUPESENAT", "CONSTITU", "PRESREP"),
}


class Ident(Node):
    """The name; `alpha`, the key that the Assembly sorts by, is ignored."""

    civ: Scalar = None
    prenom: Scalar = None
    nom: Scalar = None
    alpha: Scalar = None
    trigramme: Scalar = None


class Naissance(Node):
    """The birth."""

    dateNais: Scalar = None
    villeNais: Scalar = None
    depNais: Scalar = None
    paysNais: Scalar = None


class EtatCivil(Node):
    """Name and birth; the day of death is ignored."""

    ident: Ident | str | None = None
    infoNaissance: Naissance | str | None = None
    dateDeces: Ignored = None


class Insee(Node):
    """The profession in INSEE's classes."""

    catSocPro: Scalar = None
    famSocPro: Scalar = None


class Profession(Node):
    """The profession."""

    libelleCourant: Scalar = None
    socProcINSEE: Insee | str | None = None


class Qualite(Node):
    """The position; its labels are the code again, in a sentence and by gender: ignored."""

    codeQualite: Scalar = None
    libQualite: Scalar = None
    libQualiteSex: Scalar = None


class Organes(Node):
    """The bodies: more than one for a mission to several ministries."""

    organeRef: Value | list[Scalar] | str | None = None


class Lieu(Node):
    """The constituency."""

    region: Scalar = None
    regionType: Scalar = None
    departement: Scalar = None
    numDepartement: Scalar = None
    numCirco: Scalar = None


class Election(Node):
    """The election."""

    lieu: Lieu | str | None = None
    causeMandat: Scalar = None
    refCirconscription: Scalar = None


class Mandature(Node):
    """How the mandate began and ended."""

    datePriseFonction: Scalar = None
    causeFin: Scalar = None
    premiereElection: Scalar = None
    placeHemicycle: Scalar = None
    mandatRemplaceRef: Scalar = None


class Mandat(Node):
    """A mandate; ignored: its form, the Journal officiel, protocol, substitutes, staff, a mission's neighbours."""

    uid: Scalar = None
    acteurRef: Scalar = None
    legislature: Scalar = None
    typeOrgane: Scalar = None
    dateDebut: Scalar = None
    dateFin: Scalar = None
    nominPrincipale: Scalar = None
    infosQualite: Qualite | str | None = None
    organes: Organes | str | None = None
    election: Election | str | None = None
    mandature: Mandature | str | None = None
    libelle: Scalar = None
    datePublication: Ignored = None
    preseance: Ignored = None
    suppleants: Ignored = None
    collaborateurs: Ignored = None
    chambre: Ignored = None
    missionPrecedenteRef: Ignored = None
    missionSuivanteRef: Ignored = None


class Mandats(Node):
    """The mandates."""

    mandat: Mandat | list[Mandat | None] | str | None = None


class Acteur(Node):
    """A person; addresses are ignored."""

    uid: Scalar = None
    etatCivil: EtatCivil | str | None = None
    profession: Profession | str | None = None
    uri_hatvp: Scalar = None
    mandats: Mandats | str | None = None
    adresses: Ignored = None


class Vie(Node):
    """The life of a body; the day a group was agreed to is ignored."""

    dateDebut: Scalar = None
    dateAgrement: Ignored = None
    dateFin: Scalar = None


class Organe(Node):
    """A body; ignored are its name in other sentences, its secretaries, and what only constituencies have."""

    uid: Scalar = None
    codeType: Scalar = None
    libelle: Scalar = None
    libelleAbrege: Scalar = None
    libelleAbrev: Scalar = None
    viMoDe: Vie | str | None = None
    organeParent: Scalar = None
    organePrecedentRef: Scalar = None
    legislature: Scalar = None
    positionPolitique: Scalar = None
    couleurAssociee: Scalar = None
    preseance: Scalar = None
    libelleEdition: Ignored = None
    chambre: Ignored = None
    regime: Ignored = None
    secretariat: Ignored = None
    numero: Ignored = None
    lieu: Ignored = None


class ActeurFile(msgspec.Struct, forbid_unknown_fields=True):
    """A file of one person."""

    acteur: Acteur


class OrganeFile(msgspec.Struct, forbid_unknown_fields=True):
    """A file of one body."""

    organe: Organe


def read_person(raw: bytes) -> tuple[Person, list[Anomaly]]:
    """Reads one acteur.

    Args:
        raw: JSON bytes, UTF-8.

    Returns:
        The person, and what was odd about them.

    Raises:
        RecordError: the bytes are not JSON, or not an acteur.
    """
    odd: list[Anomaly] = []
    tree = _decoded(raw)
    _leave_out(tree, odd)
    acteur = _fitted(tree, ActeurFile, odd).acteur
    civil = node(acteur.etatCivil, "etatCivil") or EtatCivil()
    ident = node(civil.ident, "ident") or Ident()
    born = node(civil.infoNaissance, "infoNaissance") or Naissance()
    profession = node(acteur.profession, "profession") or Profession()
    insee = node(profession.socProcINSEE, "socProcINSEE") or Insee()
    mandates = node(acteur.mandats, "mandats") or Mandats()
    person = Person(
        uid=text(acteur.uid),
        civility=text(ident.civ),
        first_name=text(ident.prenom),
        last_name=text(ident.nom),
        trigram=text(ident.trigramme),
        birth_date=text(born.dateNais),
        birth_place=text(born.villeNais),
        birth_department=text(born.depNais),
        birth_country=text(born.paysNais),
        profession=text(profession.libelleCourant),
        profession_category=text(insee.catSocPro),
        profession_family=text(insee.famSocPro),
        hatvp_url=text(acteur.uri_hatvp),
        mandates=tuple(dict.fromkeys(map(_mandate, nodes(mandates.mandat, "mandat")))),
    )
    return person, odd


def read_organ(raw: bytes) -> tuple[Organ | None, list[Anomaly]]:
    """Reads one organe.

    Args:
        raw: JSON bytes, UTF-8.

    Returns:
        The body, or None when it is of a kind that is ignored; and what was odd about it.

    Raises:
        RecordError: the bytes are not JSON, or not an organe.
    """
    odd: list[Anomaly] = []
    tree = _decoded(raw)
    body = _alone(tree.get("organe"))
    if isinstance(body, dict):
        kind = _kind(body, "codeType", "organe")
        odd += _unknown(kind, "organe.codeType")
        if kind is not None and kind not in KEPT:
            return None, odd
    organe = _fitted(tree, OrganeFile, odd).organe
    life = node(organe.viMoDe, "viMoDe") or Vie()
    organ = Organ(
        uid=text(organe.uid),
        organ_type=text(organe.codeType) or "",
        name=text(organe.libelle),
        abbr=text(organe.libelleAbrev),
        short_name=text(organe.libelleAbrege),
        parent=text(organe.organeParent),
        previous=text(organe.organePrecedentRef),
        legislature=text(organe.legislature),
        position=text(organe.positionPolitique),
        colour=text(organe.couleurAssociee),
        precedence=text(organe.preseance),
        start=text(life.dateDebut),
        end=text(life.dateFin),
    )
    return organ, odd


def _decoded(raw: bytes) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError("json", f"not JSON: {error}") from error
    if not isinstance(tree, dict):
        raise RecordError("shape", "not an object")
    return tree


def _leave_out(tree: dict[str, Any], odd: list[Anomaly]) -> None:
    """Takes the mandates that are ignored out of an acteur's tree, whatever its shape."""
    acteur = _alone(tree.get("acteur"))
    mandats = _alone(acteur.get("mandats")) if isinstance(acteur, dict) else None
    mandates = mandats.get("mandat") if isinstance(mandats, dict) else None
    if isinstance(mandates, dict):
        mandates = [mandates]
    if isinstance(mandats, dict) and isinstance(mandates, list):
        path = "acteur.mandats.mandat"
        kinds = [_kind(mandate, "typeOrgane", path) for mandate in mandates]
        odd += [anomaly for kind in kinds for anomaly in _unknown(kind, f"{path}.typeOrgane")]
        mandats["mandat"] = [
            mandate for mandate, kind in zip(mandates, kinds, strict=True) if kind is None or kind in KEPT
        ]


def _kind(tree: Any, key: str, path: str) -> str | None:  # noqa: ANN401
    """The kind of body that a mandate or a body is of; None for no element, which is dealt with where it is read."""
    if not isinstance(tree, dict) or tree.keys() <= _ATTRIBUTES:
        return None
    kind = _alone(tree.get(key))
    if isinstance(kind, dict):
        kind = kind.get("#text")
    if not isinstance(kind, str):
        shown = "missing" if kind is None else repr(kind)
        raise RecordError("missing", f"{path}.{key} is {shown}, a kind of body was expected")
    return kind.strip(SPACES)


def _alone(tree: Any) -> Any:  # noqa: ANN401
    """What a list of one holds, as `tidied` makes of it; anything else as it is."""
    return tree[0] if isinstance(tree, list) and len(tree) == 1 else tree


def _unknown(kind: str | None, path: str) -> list[Anomaly]:
    """An anomaly for a kind of body that nobody has listed."""
    return [] if kind is None or kind in KEPT | IGNORED else [Anomaly("unknown_code", "warning", path, kind)]


def _fitted(tree: dict[str, Any], file: type[Any], odd: list[Anomaly]) -> Any:  # noqa: ANN401
    with suppress(msgspec.ValidationError):  # hardly ever; to tidy it all takes longer than the rest
        return msgspec.convert(tree, file)
    try:
        return msgspec.convert(tidied(tree, file, "", odd), file)
    except (msgspec.ValidationError, RecursionError) as error:
        raise RecordError("shape", f"not what the file should hold: {error}") from error


def _mandate(value: Mandat) -> Mandate:
    quality = node(value.infosQualite, "infosQualite") or Qualite()
    bodies = node(value.organes, "organes") or Organes()
    refs: list[Any] = bodies.organeRef if isinstance(bodies.organeRef, list) else [bodies.organeRef]
    election = node(value.election, "election") or Election()
    place = node(election.lieu, "lieu") or Lieu()
    term = node(value.mandature, "mandature") or Mandature()
    return Mandate(
        uid=text(value.uid),
        person=text(value.acteurRef),
        legislature=text(value.legislature),
        organ_type=text(value.typeOrgane) or "",
        organs=tuple(ref for ref in map(text, refs) if ref),
        quality=text(quality.codeQualite),
        principal=text(value.nominPrincipale),
        mission=text(value.libelle),
        start=text(value.dateDebut),
        end=text(value.dateFin),
        department=text(place.departement),
        department_number=text(place.numDepartement),
        constituency_number=text(place.numCirco),
        constituency=text(election.refCirconscription),
        region=text(place.region),
        region_type=text(place.regionType),
        election_cause=text(election.causeMandat),
        took_office=text(term.datePriseFonction),
        end_cause=text(term.causeFin),
        first_election=text(term.premiereElection),
        seat=text(term.placeHemicycle),
        replaced=text(term.mandatRemplaceRef),
    )
