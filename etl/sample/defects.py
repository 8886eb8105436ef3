"""Puts the source's rare forms and defects on a question's texts and JSON (docs/source/formats.md 2.3, 2.5, 7)."""

from __future__ import annotations

from etl.sample.question import Question

NIL = {"@xsi:nil": "true"}

TABLE = (
    " <!-- DEBTAB --> <table border=1>"
    '<tr><td rowspan=2">Région</td><td colspan="2">Nombre de dossiers</td></tr>'
    "<tr><td>{year}</td><td>{next}</td></tr><tr><td>{region}</td><td>{count}</td><td>{more}</br></td></tr>"
    "<tr><td>Ensemble</td><td colspan=2>{sum}</td></tr></table></br> <!-- FINTAB --> "
)


def misread(text: str) -> str:
    """UTF-8 read as Windows-1252: é becomes Ã©."""
    return "".join(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in text.encode("utf-8"))


def _table(question: Question, text: str) -> str:
    start, end = text.split(". ", 1)
    year, count = question.day.year - 1, 120 + question.number % 800
    table = TABLE.format(
        year=year,
        next=year + 1,
        region=question.author.place[2],
        count=count,
        more=count + 37,
        sum=2 * count + 37,
    )
    return f"{start}.{table}{end}"


def _broken_tag(question: Question, text: str) -> str:
    start, end = text.split(". ", 1)
    return f"{start}. Le rapport rappelait <em>« l'urgence d'agir » /em>Enfin, {end[0].lower()}{end[1:]}"


def _entities(question: Question, text: str) -> str:
    for character in "œ€’–":
        text = text.replace(character, f"&#{ord(character)};")
    return text.replace(" euros", "&#160;&#8364;").replace("mise en oeuvre", "mise en &#339;uvre")


_ON_ANSWERS = {"table": _table, "broken_tag": _broken_tag, "entities": _entities}

CORRECTED = " La présente publication annule et remplace la précédente."


def spoil_texts(question: Question) -> None:
    """Change the texts of a question as its traits say."""
    answers = question.answers
    for trait in question.traits:
        if trait in _ON_ANSWERS:
            for answer in answers:
                answer.text = _ON_ANSWERS[trait](question, answer.text)
        elif trait == "mojibake":
            for answer in answers:
                answer.text = misread(answer.text)
        elif trait == "erratum_question":
            question.questions[0].erratum = erratum(question)
        elif trait == "erratum_answer" and answers:
            answers[0].erratum = erratum(question)
    for texts in (question.questions, answers):
        for again in texts[1:]:
            again.text += CORRECTED


def erratum(question: Question) -> str:
    """The correction printed for a text."""
    return f"À la troisième phrase, lire : « {question.author.place[0]} », au lieu de : « la commune »."


def spoil_node(question: Question, node: dict[str, object]) -> None:
    """Change the JSON of a question as its traits say; where a value is missing, only how that is written changes."""
    index = node["indexationAN"]
    assert isinstance(index, dict)
    for trait in question.traits:
        if trait == "nil_head":
            index["teteAnalyse"] = NIL
        elif trait == "blank_head":
            index["teteAnalyse"] = ""
        elif trait == "blank_signal":
            node["signalement"] = ""
        elif trait == "nil_signal":
            node["signalement"] = NIL
        elif trait == "empty_renewals" and node["renouvellements"] is None:
            node["renouvellements"] = {}
        elif trait == "nil_closure" and node["cloture"] is None:
            node["cloture"] = NIL
        elif trait == "absent_answers" and node["textesReponse"] is None:
            del node["textesReponse"]
        elif trait == "zone" and question.answers:
            _zone(node["textesReponse"])


def _zone(texts: object) -> None:
    """Puts a timezone suffix after the first answer's day."""
    assert isinstance(texts, dict)
    first = texts["texteReponse"]
    info = (first[0] if isinstance(first, list) else first)["infoJO"]
    summer = "04" <= info["dateJO"][5:7] <= "10"
    info["dateJO"] += "+02:00" if summer else "+01:00"
