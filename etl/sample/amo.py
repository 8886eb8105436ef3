"""The archive of people and bodies: the sample's deputies, groups, ministries, and made-up ministers.

Its form is that of docs/source/formats.md 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from etl.sample.defects import NIL
from etl.sample.deputies import deputies, minister_name, ministries, sittings
from etl.sample.dice import Dice
from etl.sample.facts import GOVERNMENTS, GROUPS, LEGISLATURES, LIVE, MINISTRIES, Organ
from etl.sample.french import bare
from etl.sample.places import NUMBERS, PLACES
from etl.sample.question import Deputy

Node = dict[str, object]

PATH = (
    f"static/openData/repository/{LIVE}/amo/tous_acteurs_mandats_organes_xi_legislature/"
    "AMO30_tous_acteurs_tous_mandats_tous_organes_historique.json.zip"
)
_ROOT: Node = {
    "@xmlns": "http://schemas.assemblee-nationale.fr/referentiel",
    "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
ASSEMBLIES = {14: "PO644420", 15: "PO717460", 16: "PO791932", 17: "PO838901"}
HEADS = """653199 AYRAULT 2
700706 VALLS
702883 VALLS 2
715793 CAZENEUVE
725688 PHILIPPE 2
773371 CASTEX
791579 BORNE
833673 ATTAL
900001 BARNIER
855052 BAYROU
873634 LECORNU II"""
"""A line a government of GOVERNMENTS: the number of its identifier and its head.

The number is made up where docs/source/formats.md has none.
"""
COMMITTEE = "PO900002"
CIRCONSCRIPTION = 910_000
JOBS = [
    ("Avocat", "Professions libérales", "Cadres et professions intellectuelles supérieures"),
    ("Agriculteur", "Agriculteurs sur moyenne exploitation", "Agriculteurs exploitants"),
    ("Professeur", "Professeurs, professions scientifiques", "Cadres et professions intellectuelles supérieures"),
    ("Infirmier", "Professions intermédiaires de la santé et du travail social", "Professions intermédiaires"),
    ("Employé de commerce", "Employés de commerce", "Employés"),
    (None, None, None),
]


def files(seed: int) -> Iterator[tuple[str, Node]]:
    """Every member of the archive: its name and its content."""
    for acteur in (*_deputies(seed), *_ministers(seed)):
        name = acteur["uid"]["#text"]  # type: ignore[index]
        yield f"json/acteur/{name}.json", {"acteur": {**_ROOT, **acteur}}
    for organe in (*_assemblies(), *_groups(), *_governments(), *_ministries(), *_others()):
        yield f"json/organe/{organe['uid']}.json", {"organe": {**_ROOT, **organe}}


def _deputies(seed: int) -> Iterator[Node]:
    terms: dict[str, list[tuple[int, Deputy]]] = {}
    for legislature in LEGISLATURES:
        for deputy in deputies(legislature):
            terms.setdefault(deputy.actor, []).append((legislature, deputy))
    for actor in sorted(terms):
        dice = Dice(seed * 1_000_000 + int(actor[2:]))
        mandates = [mandate for term in reversed(terms[actor]) for mandate in _term(*term)]
        if dice.chance(0.02):
            mandates.append(_mission(actor, dice))
        _, deputy = terms[actor][0]
        yield _acteur(actor, (deputy.civility, deputy.first, deputy.last), dice, mandates)


def _acteur(actor: str, name: tuple[str, str, str], dice: Dice, mandates: list[Node]) -> Node:
    civility, first, last = name
    town, department, _ = dice.pick(PLACES)
    born = date(1945, 1, 1) + timedelta(days=dice.below(18_000))
    job, category, family = dice.pick(JOBS)
    return {
        "uid": {"@xsi:type": "IdActeur_type", "#text": actor},
        "etatCivil": {
            "ident": {
                "civ": civility,
                "prenom": first,
                "nom": last,
                "alpha": last.replace("-", "").replace(" ", ""),
                "trigramme": NIL if dice.chance(0.5) else (first[0] + last[:2]).upper(),
            },
            "infoNaissance": {
                "dateNais": born.isoformat(),
                "villeNais": town,
                "depNais": bare(department),
                "paysNais": "France",
            },
        },
        "profession": {"libelleCourant": job, "socProcINSEE": {"catSocPro": category, "famSocPro": family}},
        "uri_hatvp": None,
        "adresses": None if dice.chance(0.5) else {},
        "mandats": {"mandat": mandates[0] if len(mandates) == 1 else mandates},
    }


def _mandate(uid: str, actor: str, kind: str, organs: object, start: date, end: date | None, **more: object) -> Node:
    quality = more.pop("quality", "Membre")
    return {
        "@xsi:type": "MandatSimple_Type",
        "uid": uid,
        "acteurRef": actor,
        "legislature": None,
        "typeOrgane": kind,
        "dateDebut": start.isoformat(),
        "datePublication": None,
        "dateFin": end.isoformat() if end else None,
        "preseance": "20",
        "nominPrincipale": "1",
        "infosQualite": {"codeQualite": quality, "libQualite": quality, "libQualiteSex": quality},
        "organes": {"organeRef": organs},
        **more,
    }


def _term(legislature: int, deputy: Deputy) -> Iterator[Node]:
    """The mandates of a deputy in a legislature: in a committee (which the reader leaves out), the Assembly, groups."""
    facts, actor, number = LEGISLATURES[legislature], deputy.actor, int(deputy.mandate[2:])
    end = None if legislature == LIVE else facts.closed
    its_legislature = {"legislature": str(legislature)}
    _, department, region = deputy.place
    rank = PLACES.index(deputy.place)
    yield _mandate(f"PM{number + 5_000_000}", actor, "COMPER", COMMITTEE, facts.opened, end, **its_legislature)
    election: Node = {
        "lieu": {
            "region": region,
            "regionType": "Métropolitain",
            "departement": bare(department),
            "numDepartement": NUMBERS[rank],
            "numCirco": str(number % 10 + 1),
        },
        "causeMandat": "élections générales",
        "refCirconscription": f"PO{CIRCONSCRIPTION + rank}",
    }
    mandature: Node = {
        "datePriseFonction": facts.opened.isoformat(),
        "causeFin": "Fin de législature" if end else None,
        "premiereElection": "1",
        "placeHemicycle": str(number % 577 + 1),
        "mandatRemplaceRef": None,
    }
    parts: Node = {"suppleants": None, "chambre": None, "election": election, "mandature": mandature}
    parts |= {"collaborateurs": None, "@xsi:type": "MandatParlementaire_type", "quality": "membre", **its_legislature}
    yield _mandate(deputy.mandate, actor, "ASSEMBLEE", ASSEMBLIES[legislature], facts.opened, end, **parts)
    for rank, (group, start, last) in enumerate(sittings(deputy, legislature)):
        quality = "Député non-inscrit" if group.short == "NI" else "Membre"
        until = None if last == facts.closed and not end else last
        uid = f"PM{number * 10 + rank}"
        yield _mandate(uid, actor, "GP", group.ref, start, until, quality=quality, **its_legislature)


def _mission(actor: str, dice: Dice) -> Node:
    """A deputy's mission to two ministries at once."""
    rank = dice.below(len(GOVERNMENTS))
    organs = sorted({ministries(portfolio)[rank].ref for portfolio in ("santé", "justice")})
    start = GOVERNMENTS[rank][0] + timedelta(days=30)
    more: Node = {"quality": "en mission", "legislature": _legislature(start), "@xsi:type": "MandatMission_Type"}
    more |= {"libelle": None, "missionPrecedenteRef": None, "missionSuivanteRef": None}
    uid = f"PM{int(actor[2:]) + 7_000_000}"
    return _mandate(uid, actor, "MINISTERE", organs, start, start + timedelta(days=180), **more)


def _legislature(day: date) -> str:
    return str(max(number for number, facts in LEGISLATURES.items() if facts.opened <= day))


def _ministers(seed: int) -> Iterator[Node]:
    """A made-up minister for each ministry; some have a single mandate: at the ministry, none in the government."""
    for organ, rank in _by_government().values():
        number = int(organ.ref[2:])
        actor, dice = f"PA{9_000_000 + number}", Dice(seed * 10_000_000 + number)
        start, end = _office(rank)
        mandates = [_mandate(f"PM{9_000_000 + number}", actor, "MINISTERE", organ.ref, start, end, quality="Ministre")]
        if not dice.chance(0.1):
            head = f"PO{HEADS.splitlines()[rank].split(' ', 1)[0]}"
            mandates.append(
                _mandate(f"PM{19_000_000 + number}", actor, "GOUVERNEMENT", head, start, end, quality="membre")
            )
        yield _acteur(actor, minister_name(organ), dice, mandates)


def _by_government() -> dict[str, tuple[Organ, int]]:
    """Every ministry by its identifier, with the rank of its government."""
    by_ref = {organ.ref: (organ, rank) for name in MINISTRIES for rank, organ in enumerate(ministries(name))}
    return {ref: by_ref[ref] for ref in sorted(by_ref)}


def _office(rank: int) -> tuple[date, date | None]:
    """First and last day of a government."""
    later = [start for start, _ in GOVERNMENTS[rank + 1 :]]
    return GOVERNMENTS[rank][0], later[0] - timedelta(days=1) if later else None


def _organe(uid: str, kind: str, names: tuple[str, str, str], days: tuple[date, date | None], **more: object) -> Node:
    (name, short, abbr), (start, end) = names, days
    return {
        "uid": uid,
        "codeType": kind,
        "libelle": name,
        "libelleEdition": None,
        "libelleAbrege": short,
        "libelleAbrev": abbr,
        "viMoDe": {
            "dateDebut": start.isoformat(),
            "dateAgrement": None,
            "dateFin": end.isoformat() if end else None,
        },
        "organeParent": None,
        **more,
    }


def _assemblies() -> Iterator[Node]:
    for number, uid in ASSEMBLIES.items():
        facts = LEGISLATURES[number]
        names = (f"Assemblée nationale de la {number}ème législature", "Assemblée", "AN")
        end = None if number == LIVE else facts.closed
        yield _organe(uid, "ASSEMBLEE", names, (facts.opened, end), legislature=str(number))


def _groups() -> Iterator[Node]:
    for legislature, lines in GROUPS.items():
        facts, starts = LEGISLATURES[legislature], dict[str, date]()
        for rank, line in enumerate(lines.splitlines(), 1):
            label, name, *until = line.split("|")
            family, ref, abbr = label.split()
            start = starts.get(family, facts.opened)
            end = date.fromisoformat(until[0]) if until else None if legislature == LIVE else facts.closed
            if until:
                starts[family] = date.fromisoformat(until[0]) + timedelta(days=1)
            position = None if legislature == LIVE or abbr == "NI" else "Opposition"
            more: Node = {"legislature": str(legislature), "secretariat": {"secretaire01": None, "secretaire02": None}}
            more |= {
                "positionPolitique": position,
                "preseance": str(rank),
                "couleurAssociee": "" if rank == 1 else None,
            }
            yield _organe(f"PO{ref}", "GP", (name, abbr, abbr), (start, end), **more)


def _governments() -> Iterator[Node]:
    for rank, line in enumerate(HEADS.splitlines()):
        number, head = line.split(" ", 1)
        yield _organe(f"PO{number}", "GOUVERNEMENT", ("Gouvernement", head, "GVT"), _office(rank))


def _ministries() -> Iterator[Node]:
    for organ, rank in _by_government().values():
        abbr = "".join(word[0] for word in organ.short.split() if len(word) > 2).upper()
        parent = f"PO{HEADS.splitlines()[rank].split(' ', 1)[0]}"
        more: Node = {"organeParent": parent, "preseance": None, "organePrecedentRef": None}
        yield _organe(organ.ref, "MINISTERE", (organ.name, organ.short, abbr), _office(rank), **more)


def _others() -> Iterator[Node]:
    """A committee and constituencies: kinds of bodies that no question refers to."""
    opened = LEGISLATURES[14].opened
    yield _organe(COMMITTEE, "COMPER", ("Commission des lois", "Lois", "LOIS"), (opened, None))
    for rank, (_, department, region) in enumerate(PLACES):
        names = (f"1ère circonscription : {bare(department)}", f"{NUMBERS[rank]} {bare(department)} (° 1°)", "CIRCO")
        place = {"code": NUMBERS[rank], "libelle": bare(department), "codeNatureDep": "M"}
        more: Node = {
            "numero": "1",
            "lieu": {"region": {"type": "Métropolitain", "libelle": region}, "departement": place},
        }
        yield _organe(f"PO{CIRCONSCRIPTION + rank}", "CIRCONSCRIPTION", names, (opened, None), **more)
