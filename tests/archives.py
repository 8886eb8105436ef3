"""Questions as each legislature's archives write them (docs/source/formats.md 2), and the zips and sites that hold them.

node = question(17, "QE", 1)                       # answered, in every detail
node = question(15, "QOSD", 4, answered=None)      # pending, dates DD/MM/YYYY
node = question(17, "QE", 1, rubrique="eau", cloture=None)   # a key of the node, or of its index, replaced
archive = archive_of(node, question(17, "QE", 2))  # the zip, laid out as that legislature's is
archive = archive_of(node, form="xml")             # the same as XML
site(tmp_path / "site", {"17/QE": archive})        # a directory that `--source` takes
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from etl.catalogue import archive

Node = dict[str, Any]

ROOTS = {"QE": "questionsEcrites", "QG": "questionsGvt", "QOSD": "questionsOralesSansDebat"}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TYPES = {"QE": "QuestionEcrite_Type", "QG": "QuestionGouvernement_Type", "QOSD": "QuestionOrale_Type"}
_ASKED = {14: date(2016, 3, 8), 15: date(2020, 3, 10), 16: date(2023, 3, 7), 17: date(2025, 3, 4)}
_ANSWERED = {14: date(2016, 6, 7), 15: date(2020, 6, 9), 16: date(2023, 6, 6), 17: date(2025, 6, 3)}
_DEFAULT = date.min  # means the legislature's own day above

#: Where a text is replaced to change nothing else.
QUESTION, ANSWER = "Le texte de la question, n° {}.", "Le texte de la réponse, n° {}."


def written(legislature: int, day: date) -> str:
    """A day as the legislature's JSON writes it."""
    return f"{day:%d/%m/%Y}" if legislature == 15 else day.isoformat()


def info_jo(legislature: int, day: date, kind: str = "JO_QUESTION", page: int | None = 1234) -> Node:
    """An infoJO: six keys from the 16th on, four before."""
    node: Node = {
        "typeJO": kind,
        "dateJO": written(legislature, day),
        "pageJO": None if page is None else str(page),
        "numJO": None,
    }
    return node | ({"urlLegifrance": None, "referenceNOR": None} if legislature >= 16 else {})


def organ(legislature: int, number: int, short: str, name: str) -> Node:
    """A ministry: its id from the 16th on and in the 14th, only its names in the 15th."""
    names = {"abrege": short, "developpe": name}
    return names if legislature == 15 else {"organeRef": f"PO{number}", **names}


def question(
    legislature: int = 17,
    question_type: str = "QE",
    number: int = 1,
    *,
    asked: date = _DEFAULT,
    answered: date | None = _DEFAULT,
    question_text: str = QUESTION,
    answer_text: str = ANSWER,
    **changes: Any,
) -> Node:
    """One question's node: what stands below `"question"`, or one item of the XIV's document.

    Args:
        legislature: 14 to 17; a later one is written as the 17th.
        question_type: QE, QG or QOSD.
        number: its number.
        asked: day of the question (none is written for a QG).
        answered: day of the answer; None leaves the question without answer and closure.
        question_text: HTML.
        answer_text: HTML.
        changes: top-level keys, or keys of indexationAN, to replace; `uid=...` without touching the rest, for instance.
    """
    known = min(legislature, 17)
    asked = _ASKED[known] if asked is _DEFAULT else asked
    answered = _ANSWERED[known] if answered is _DEFAULT else answered
    oral, debate = question_type == "QG", "JO_QUESTION" if question_type == "QE" else "JO_DEBAT"
    ministry = organ(legislature, 845021, "Eau", "Ministère de l'eau")
    node: Node = (
        {}
        if legislature == 14
        else {
            "@xmlns": "http://schemas.assemblee-nationale.fr/referentiel",
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "@xsi:type": _TYPES[question_type],
        }
    )
    heading = {"ANALYSE": {"ANA": "prix de l'eau"}} if legislature == 15 else {"analyses": {"analyse": "prix de l'eau"}}
    node |= {
        "uid": f"QANR5L{legislature}{question_type}{number}",
        "identifiant": {
            "numero": str(number),
            "regime": "5eme R\ufffdpublique" if legislature == 15 else "5eme Republique",
            "legislature": str(legislature),
        },
        "type": question_type,
        "indexationAN": {"rubrique": "eau et assainissement", "teteAnalyse": None, **heading},
        "auteur": {
            "identite": {"acteurRef": "PA1008", "mandatRef": "PM722592"},
            "groupe": {"organeRef": "PO730964", "abrege": "GRP", "developpe": "Le groupe"},
        },
        "minInt": ministry,
        "minAttribs": {"minAttrib": {"infoJO": info_jo(legislature, asked, page=None), "denomination": dict(ministry)}},
    }
    if not oral:
        text = question_text.format(number)
        node["textesQuestion"] = {"texteQuestion": {"infoJO": info_jo(legislature, asked, page=101), "texte": text}}
    elif legislature >= 16:
        node["textesQuestion"] = None
    node |= {"textesReponse": None, "cloture": None}
    if answered:
        jo = info_jo(legislature, answered, debate, page=202)
        node["textesReponse"] = {"texteReponse": {"infoJO": jo, "texte": answer_text.format(number)}}
        node["cloture"] = closure(legislature, answered, "REP_PUB", "Réponse publiée", dict(jo))
    if not oral:
        node |= {"signalement": None, "renouvellements": None}
    for key, value in changes.items():
        (node["indexationAN"] if key in ("rubrique", "teteAnalyse", "analyses", "ANALYSE") else node)[key] = value
    return node


def closure(legislature: int, day: date, code: str | None, label: str | None, jo: Node | None = None) -> Node:
    """A closure."""
    return {
        "codeCloture": code,
        "libelleCloture": label,
        "dateCloture": written(legislature, day),
        "infoJO": jo or info_jo(legislature, day),
    }


def name_of(node: Node) -> str:
    """The member that holds a question, from the 15th on."""
    return f"json/{node['uid']}.json"


def unit(node: Node) -> bytes:
    """A file of one question, byte for byte as the site writes it: ASCII, one line, no final newline."""
    return json.dumps({"question": node}).encode()


def document(*nodes: Node, question_type: str = "QE", **style: Any) -> bytes:
    """The one document of a type in the 14th; `style` is for `json.dumps`."""
    return json.dumps({ROOTS[question_type]: {"question": list(nodes)}}, **style).encode()


def zip_of(members: dict[str, bytes], *, stored: bool = False, level: int = 6) -> bytes:
    """A zip of these members in this order; the same members give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            zipped.writestr(info, content, compresslevel=level)
    return buffer.getvalue()


def element(name: str, value: Any, *, cdata: bool = False) -> str:
    """What the JSON has under a name, as the XML that it was made of (docs/source/formats.md 2): a list is the element repeated.

    Args:
        name: of the element.
        value: as the JSON has it; None is an empty element.
        cdata: texts in CDATA sections, rather than escaped.
    """
    if isinstance(value, list):
        return "".join(element(name, one, cdata=cdata) for one in value)
    if not isinstance(value, dict):
        text = str(value or "")
        quoted = "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>" if cdata and "<" in text else escape(text)
        return f"<{name}>{quoted}</{name}>"
    attributes = "".join(f" {key[1:]}={quoteattr(one)}" for key, one in value.items() if key[0] == "@")
    inside = "".join(element(key, one, cdata=cdata) for key, one in value.items() if key[0] != "@")
    return f"<{name}{attributes}>{inside}</{name}>"


def unit_xml(node: Node, *, cdata: bool = False) -> bytes:
    """A file of one question as XML; `xsi` is declared, whether the node says so or not."""
    node = {"@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"} | node
    return (DECLARATION + element("question", node, cdata=cdata)).encode()


def document_xml(*nodes: Node, question_type: str = "QE", cdata: bool = False) -> bytes:
    """The one document of a type in the 14th as XML; only its root declares `xsi`."""
    root = ROOTS[question_type]
    records = "\n".join(element("question", node, cdata=cdata) for node in nodes)
    declared = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f"{DECLARATION}<{root} {declared}>\n{records}\n</{root}>\n".encode()


def archive_of(*nodes: Node, form: str = "json", **style: Any) -> bytes:
    """The zip of these questions, all of one legislature and type, laid out as the site lays it out.

    Args:
        nodes: the questions.
        form: json or xml.
        style: for what writes the documents of that form.
    """
    first = nodes[0]
    legislature, question_type = first["identifiant"]["legislature"], first["type"]
    whole, one = (document, unit) if form == "json" else (document_xml, unit_xml)
    if legislature == "14":
        name = Path(archive(14, question_type).path).name.removesuffix(".json.zip")
        return zip_of({f"{name}.{form}": whole(*nodes, question_type=question_type, **style)})
    return zip_of({f"{form}/{node['uid']}.{form}": one(node, **style) for node in nodes})


def site(root: Path, archives: dict[str, bytes], form: str = "json") -> Path:
    """A directory shaped like the Assembly's site.

    Args:
        root: the directory, made if need be; archives that are there already and not named stay.
        archives: by name, such as "17/QE".
        form: json or xml.

    Returns:
        The directory.
    """
    for name, content in archives.items():
        legislature, question_type = name.split("/")
        path = root / replace(archive(int(legislature), question_type), form=form).path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root
