"""Four days of some questions, made by hand: everything that can befall one between two mornings."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import date
from pathlib import Path

from etl.settings import Settings
from tests.archives import QUESTION, Node, archive_of, closure, info_jo, organ, question, site
from tests.warehouse.days import Home, day

ANSWERED, RENEWED, SINCE = date(2026, 9, 22), date(2026, 9, 15), date(2026, 9, 10)


#: 9 reminds of 3, and has its words, a law among them; 5001 is a copy.
LETTER = "La fermeture du dernier guichet de la gare prive les habitants de tout service. La loi n° 2002-276 suit."
TEXTS = {
    3: LETTER,
    9: f"M. X rappelle les termes de sa question n° 3. {LETTER}",
    5001: LETTER,
}


def pending(number: int, legislature: int = 17, **changes: object) -> Node:
    text = TEXTS.get(number, QUESTION)
    return question(legislature, "QE", number, answered=None, question_text=text, **changes)


def answered(number: int, text: str = "La réponse.") -> Node:
    return question(17, "QE", number, answered=ANSWERED, answer_text=text)


def renewed(number: int, times: int) -> Node:
    nodes = [{"infoJO": info_jo(17, date(2026, 9, 15 + time))} for time in range(times)]
    return pending(number, renouvellements={"renouvellement": nodes if times > 1 else nodes[0]})


def reattributed(number: int) -> Node:
    first = {
        "infoJO": info_jo(17, date(2025, 3, 4), page=None),
        "denomination": organ(17, 845021, "Eau", "Ministère de l'eau"),
    }
    then = {
        "infoJO": info_jo(17, SINCE, "JO_LOI_DECRET", page=None),
        "denomination": organ(17, 845022, "Mer", "Ministère de la mer"),
    }
    return pending(number, minAttribs={"minAttrib": [first, then]})


def withdrawn(number: int) -> Node:
    return pending(number, cloture=closure(17, SINCE, "AU", "Retrait le 10 septembre 2026 à l'initiative de l'auteur"))


def corrected(number: int) -> Node:
    texts = [
        {"infoJO": info_jo(17, ANSWERED, page=202), "texte": "La réponse."},
        {"infoJO": info_jo(17, date(2026, 9, 29), page=303), "texte": "La réponse, corrigée."},
    ]
    node = answered(number)
    node["textesReponse"] = {"texteReponse": texts}
    return node


ODD = question(17, "QE", 2, signalement={"dateDepotSignal": "hier", "infoJO": None})  # a date that is none
BAD = question(17, "QE", 98, uid="QANR5L17QE99")

#: 17/QE as its archive is on each day.
DAYS: list[list[Node]] = [
    [pending(1), ODD, *(pending(number) for number in (3, 4, 5)), answered(6), pending(7), pending(8), BAD],
    # answered late; renewed; reattributed; 5 vanishes; 6 loses its answer; 7 withdrawn; 9 is new
    [answered(1), ODD, renewed(3, 1), reattributed(4), pending(6), withdrawn(7), pending(8), pending(9), BAD],
    # 1 corrected; renewed again; 5 returns as it was; 6 has its answer back; 8 vanishes
    [corrected(1), ODD, renewed(3, 2), reattributed(4), pending(5), answered(6), withdrawn(7), pending(9), BAD],
    # the correction of 1 is taken back; 8 returns answered; 9 takes the ministry that 4 has; 5001 lies in another chunk
    [answered(1), ODD, renewed(3, 2), reattributed(4), pending(5), answered(6), withdrawn(7), answered(8),
     reattributed(9), pending(5001)],
]  # fmt: skip


def site_of(root: Path, number: int) -> Path:
    """The site on a day: 17/QE as it then is, and two archives of which one changes on the last day."""
    gone = [question(14, "QE", one) for one in (1, 2, 3)]
    orals = [question(15, "QG", one) for one in (1, 2)] + ([question(15, "QG", 3)] if number == len(DAYS) - 1 else [])
    return site(
        root,
        {"17/QE": archive_of(*DAYS[number]), "14/QE": archive_of(*gone), "15/QG": archive_of(*orals)},
    )


def live(folder: Path, days: int, pool: Executor) -> None:
    """Makes `home` in the folder: the first days, each loaded."""
    home = Home(Settings(folder / "home", ""), pool)
    for number in range(days):
        home.prepare(site_of(folder / "site", number), day(number))
        home.load(day(number))
