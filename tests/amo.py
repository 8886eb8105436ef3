"""People and bodies as their archive writes them (docs/source/formats.md 9), and the zips that hold them.

archive_of(acteur("PA1", mandat("PM1", "ASSEMBLEE", "PO1")), organe("PO1", "ASSEMBLEE"))
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from etl.catalogue import people
from tests.archives import Node, zip_of

ROOT: Node = {
    "@xmlns": "http://schemas.assemblee-nationale.fr/referentiel",
    "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def acteur(uid: str, *mandats: Node, prenom: str = "Alain", nom: str = "David", **changes: Any) -> Node:
    """A person; keys may be replaced."""
    return {
        **ROOT,
        "uid": {"@xsi:type": "IdActeur_type", "#text": uid},
        "etatCivil": {
            "ident": {"civ": "M.", "prenom": prenom, "nom": nom, "alpha": nom, "trigramme": {"@xsi:nil": "true"}},
            "infoNaissance": {"dateNais": "1949-06-02", "villeNais": "Libourne", "depNais": "Gironde", "paysNais": ""},
        },
        "profession": {"libelleCourant": "Ingénieur", "socProcINSEE": {}},
        "uri_hatvp": None,
        "adresses": {"adresse": [{"uid": "AD1", "valElec": "x@y.fr"}]},
        "mandats": {"mandat": list(mandats)},
        **changes,
    }


def mandat(
    uid: str,
    kind: str,
    organe: Any,
    start: str = "2024-07-07",
    end: str | None = None,
    department: str | None = None,
    region: str = "R",
    **changes: Any,
) -> Node:
    """A mandate; `acteurRef` is filled in by `archive_of`."""
    node: Node = {
        "@xsi:type": "MandatSimple_Type",
        "uid": uid,
        "legislature": "17",
        "typeOrgane": kind,
        "dateDebut": start,
        "datePublication": None,
        "dateFin": end,
        "preseance": "20",
        "nominPrincipale": "1",
        "infosQualite": {"codeQualite": "Membre", "libQualite": "Membre du", "libQualiteSex": "Membre du"},
        "organes": {"organeRef": organe},
    }
    if department:
        place = {
            "region": region,
            "regionType": "Métropolitain",
            "departement": department,
            "numDepartement": "2A",
            "numCirco": "4",
        }
        node |= {"election": {"lieu": place, "causeMandat": "élections générales", "refCirconscription": "PO99"}}
        node |= {
            "mandature": {
                "datePriseFonction": start,
                "causeFin": None,
                "premiereElection": "0",
                "placeHemicycle": "7",
                "mandatRemplaceRef": None,
            }
        }
        node |= {"suppleants": {"suppleant": {"suppleantRef": "PA9"}}, "chambre": None, "collaborateurs": None}
    return node | changes


def organe(
    uid: str, kind: str, name: str = "Nom", abbr: str = "ABR", start: str = "2024-07-01", **changes: Any
) -> Node:
    """A body."""
    return {
        **ROOT,
        "@xsi:type": "OrganeParlementaire_Type",
        "uid": uid,
        "codeType": kind,
        "libelle": name,
        "libelleEdition": f"de {name}",
        "libelleAbrege": abbr,
        "libelleAbrev": abbr,
        "viMoDe": {"dateDebut": start, "dateAgrement": None, "dateFin": None},
        "organeParent": None,
        **changes,
    }


def members_of(*nodes: Node) -> dict[str, bytes]:
    """Each node's member."""
    found = {}
    for node in nodes:
        uid = node["uid"]["#text"] if isinstance(node["uid"], dict) else node["uid"]
        kind = "organe" if "codeType" in node else "acteur"
        mandats = node.get("mandats")
        if isinstance(mandats, dict) and isinstance(mandats.get("mandat"), list):
            mandats = {"mandat": [{"acteurRef": uid, **one} for one in mandats["mandat"]]}
        whole = {**node, "mandats": mandats} if kind == "acteur" else node
        found[f"json/{kind}/{uid}.json"] = json.dumps({kind: whole}).encode()
    return found


def archive_of(*nodes: Node) -> bytes:
    """The zip of these."""
    return zip_of(members_of(*nodes))


def put(root: Path, archive: bytes) -> Path:
    """Puts the archive where a site has it; returns the site."""
    path = root / people().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive)
    return root
