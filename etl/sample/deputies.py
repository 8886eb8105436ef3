"""Made-up deputies: name and reference stay from one legislature to the next, the mandate is new."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from etl.sample.dice import Dice
from etl.sample.facts import GOVERNMENTS, GROUPS, LEGISLATURES, MINISTRIES, SEATS, Organ
from etl.sample.places import PLACES
from etl.sample.question import Deputy

SEATED = 577
NEWCOMERS = 330

WOMEN = """
Agnès Anaïs Béatrice Camille Caroline Cécile Charlotte Claire Delphine Élodie Émilie Fatima Florence
Hélène Inès Isabelle Jeanne Karine Laure Louise Marguerite Nathalie Odile Sophie Valérie
"""
MEN = """Adrien Alain Antoine Benoît Bruno Christophe Damien Denis Éric Fabrice François Gérard Guillaume Hugo
Jérôme Karim Laurent Mathieu Nicolas Olivier Patrick Rémi Stéphane Thierry Vincent Yannick Xavier Loïc"""
FIRST = [("Mme", name) for name in WOMEN.split()] + [("M.", name) for name in MEN.split()]
LAST = """
Abadie Alvergnat Amblard Arnoux Aubertin Ballard Barbance Baudrin Beaugrand Belhadi Bellenger Berthomieu
Besnardeau Blanchetière Boisgontier Bonnefille Bourdelin Brunetaud Cadoret Calmettes Castagnier Cazalède
Chabrolin Champenier Charbonnel Chauvelot Clavières Combescure Corbinais Courtadon Coustillac Crémieux
Dambreville Danjou Darrigrand Delahousse Delmarquette Desgranges Diallo Doriac Dubernard Ducourtial
Dumontet Duvivier Escoffre Estournel Fabregoule Farcy Faugeron Ferrandis Feuillade Fontanelle
Fougerolles Fresnais Gaillardon Garrigou Gastineau Gentilhomme Gillardeau Goasdoué Grandvoinet Guéguenou
Guillermet Hauteserre Herbretière Hostalier Jacquemard Jaubertie Joncquières Kerdraon Labrousse
Lacassagne Lafontan Lamirault Larrivière Lestrade Legoanvic Lhermitte Loubière Magnaudet Malescot
Marchadier Marsollier Massonneau Mérignargues Monbrison Morvannou Nadaillac Noirmoutel Ollivault
Palluaud Pélissard Peyronnet Pontavice Quémerais Rabourdin Ravignon Roquebert Saint-Aulaire Sarrazac
Tastevin Thévenard Tournayre Urvoy Vaillandet Vercoustre Villedieu Wattrelos Ybarra Zaïdi
"""
LAST_NAMES = LAST.split()


@cache
def deputies(legislature: int) -> tuple[Deputy, ...]:
    """The 577 deputies of a legislature, from left to right."""
    first = (legislature - 14) * NEWCOMERS
    people = sorted(range(first, first + SEATED), key=lambda person: (person * 0.6180339887) % 1)
    families = [family for family, seats in SEATS[legislature].items() for _ in range(seats)]
    return tuple(_deputy(person, legislature, family) for person, family in zip(people, families, strict=True))


def _deputy(person: int, legislature: int, family: str) -> Deputy:
    civility, first = FIRST[person % len(FIRST)]
    last = LAST_NAMES[person % len(LAST_NAMES)]
    mandate = f"PM{900_000 + legislature * 1_000 + person % 1_000}"
    return Deputy(f"PA{900_001 + person}", mandate, civility, first, last, family, PLACES[person % len(PLACES)])


@cache
def _groups(legislature: int) -> dict[str, list[tuple[date, Organ]]]:
    families: dict[str, list[tuple[date, Organ]]] = {}
    for line in GROUPS[legislature].splitlines():
        label, name, *until = line.split("|")
        family, ref, short = label.split()
        last = date.fromisoformat(until[0]) if until else LEGISLATURES[legislature].closed
        families.setdefault(family, []).append((last, Organ("PO" + ref, short, name)))
    return families


def group_of(deputy: Deputy, legislature: int, day: date) -> Organ:
    """The deputy's group on that day; a family whose group was dissolved sits with no group."""
    families = _groups(legislature)
    for last, group in families[deputy.family]:
        if day <= last:
            return group
    return families["none"][0][1]


def sittings(deputy: Deputy, legislature: int) -> list[tuple[Organ, date, date]]:
    """The deputy's groups in a legislature, one after the other: group, first day, last day."""
    facts, sat = LEGISLATURES[legislature], []
    start = facts.opened
    for last, group in _groups(legislature)[deputy.family]:
        sat.append((group, start, last))
        start = last + timedelta(days=1)
    if start <= facts.closed:
        sat.append((_groups(legislature)["none"][0][1], start, facts.closed))
    return sat


@cache
def ministries(portfolio: str) -> tuple[Organ, ...]:
    """The ministry of a portfolio in each government: a new identifier each time, even for the same name."""
    organs = []
    for line in MINISTRIES[portfolio].splitlines():
        label, name = line.split("|")
        ref, short = label.split(" ", 1)
        organs.append(Organ("PO" + ref, short, "Ministère " + name))
    return tuple(organs)


@cache
def government_on(day: date) -> int:
    """The rank in GOVERNMENTS of the government in office on a day."""
    return sum(start <= day for start, _ in GOVERNMENTS) - 1


def minister_name(ministry: Organ) -> tuple[str, str, str]:
    """Civility, first and last name of the (made-up) minister at the head of a ministry."""
    dice = Dice(int(ministry.ref[2:]))
    civility, first = dice.pick(FIRST)
    return civility, first, dice.pick(LAST_NAMES)
