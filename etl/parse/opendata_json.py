"""The Assembly's open data in JSON, one question: the file of XV and later, or an item of the XIV's document.

Shapes: docs/source/formats.md 2. A repeatable node is an object when single, a list when several; a missing value is
null, absent, "", "null", {} or {"@xsi:nil": "true"}, with its namespace or without. A record that fits is decoded in
one pass. Any other is looked at key by key: an unknown key, or a number where a string belongs, becomes an anomaly, and
nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from etl.parse.node import Ignored, Node, Scalar, Value, node, nodes, text, tidied
from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, RecordError, Text


class InfoJO(Node):
    """Where in the Journal officiel."""

    typeJO: Scalar = None
    dateJO: Scalar = None
    pageJO: Scalar = None
    numJO: Scalar = None
    urlLegifrance: Ignored = None
    referenceNOR: Ignored = None


class Organ(Node):
    """A ministry or a group."""

    organeRef: Scalar = None
    abrege: Scalar = None
    developpe: Scalar = None


class MinAttrib(Node):
    """An attribution."""

    infoJO: InfoJO | str | None = None
    denomination: Organ | str | None = None


class MinAttribs(Node):
    """The attributions."""

    minAttrib: MinAttrib | list[MinAttrib | None] | str | None = None


class Erratum(Value):
    """An erratum, where it is more than a text."""

    infoJO: InfoJO | str | None = None
    texte: Scalar = None


class Texte(Node):
    """A text of a question or an answer."""

    infoJO: InfoJO | str | None = None
    texte: Scalar = None
    erratum: Erratum | list[Erratum | str | None] | str | None = None


class TextesQuestion(Node):
    """The question's texts."""

    texteQuestion: Texte | list[Texte | None] | str | None = None


class TextesReponse(Node):
    """The answer's texts."""

    texteReponse: Texte | list[Texte | None] | str | None = None


class Cloture(Node):
    """The closure."""

    codeCloture: Scalar = None
    libelleCloture: Scalar = None
    dateCloture: Scalar = None
    infoJO: InfoJO | str | None = None


class Signalement(Node):
    """A president of a group signalled the question."""

    dateDepotSignal: Scalar = None
    infoJO: InfoJO | str | None = None


class Renouvellement(Node):
    """The author renewed the question."""

    infoJO: InfoJO | str | None = None
    dateRenouvellement: Scalar = None


class Renouvellements(Node):
    """The renewals."""

    renouvellement: Renouvellement | list[Renouvellement | None] | str | None = None


class Analyses(Node):
    """Index of XIV, XVI and later."""

    analyse: Value | list[Scalar] | str | None = None


class Ana(Node):
    """Index of XV."""

    ANA: Value | list[Scalar] | str | None = None


class Indexation(Node):
    """The Assembly's index."""

    rubrique: Scalar = None
    teteAnalyse: Scalar = None
    analyses: Analyses | list[Analyses | str | None] | str | None = None
    ANALYSE: Ana | list[Ana | str | None] | str | None = None


class Identifiant(Node):
    """The key; `regime` (always the Fifth Republic) is ignored."""

    numero: Scalar = None
    regime: Scalar = None
    legislature: Scalar = None


class Identite(Node):
    """The author's ids."""

    acteurRef: Scalar = None
    mandatRef: Scalar = None


class Auteur(Node):
    """The author and their group."""

    identite: Identite | str | None = None
    groupe: Organ | str | None = None


class Question(Node):
    """A question."""

    uid: Scalar = None
    identifiant: Identifiant | str | None = None
    type: Scalar = None
    indexationAN: Indexation | str | None = None
    auteur: Auteur | str | None = None
    minInt: Organ | str | None = None
    minAttribs: MinAttribs | str | None = None
    textesQuestion: TextesQuestion | str | None = None
    textesReponse: TextesReponse | str | None = None
    cloture: Cloture | str | None = None
    signalement: Signalement | list[Signalement | None] | str | None = None
    renouvellements: Renouvellements | str | None = None


class Unit(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A file of one question."""

    question: Question


_unit = msgspec.json.Decoder(Unit)
_item = msgspec.json.Decoder(Question)


def read(raw: bytes, *, item: bool) -> tuple[Record, list[Anomaly]]:
    """Reads one question.

    Args:
        raw: JSON bytes, UTF-8.
        item: True for an item of the XIV's document, False for a file `{"question": …}`.

    Returns:
        The record, and what was odd about it.

    Raises:
        RecordError: the bytes are not JSON, or not a question.
    """
    odd: list[Anomaly] = []
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        question = _item.decode(raw) if item else _unit.decode(raw).question
    except msgspec.ValidationError:
        question = _tidied(raw, item, odd)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError("json", f"not JSON: {error}") from error
    return _record(question, odd), odd


def _tidied(raw: bytes, item: bool, odd: list[Anomaly]) -> Question:
    try:
        tree = msgspec.json.decode(raw)
        if item:
            tree = {"question": tree}
        return msgspec.convert(tidied(tree, Unit, "", odd), Unit).question
    except msgspec.ValidationError as error:
        raise RecordError("shape", f"not a question: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError("json", f"not JSON: {error}") from error


def _texts(value: Value | list[Scalar] | str | None) -> list[str]:
    values: list[Any] = value if isinstance(value, list) else [value]
    return [entry for entry in map(text, values) if entry]


def _analyses(index: Indexation) -> tuple[str, ...]:
    """The analyses of both ways, once each; some are texts where an element was expected."""
    analyses: list[str] = []
    for several in (index.analyses, index.ANALYSE):
        elements: list[Any] = several if isinstance(several, list) else [several]
        for element in elements:
            if isinstance(element, Analyses):
                analyses += _texts(element.analyse)
            else:
                analyses += _texts(element.ANA if isinstance(element, Ana) else element)
    return tuple(dict.fromkeys(analyses))


def _organ(value: Organ | str | None, what: str) -> Body:
    organ = node(value, what)
    return Body() if organ is None else Body(text(organ.organeRef), text(organ.abrege), text(organ.developpe))


_NOWHERE = InfoJO()


def _jo(value: InfoJO | str | None) -> InfoJO:
    return node(value, "infoJO") or _NOWHERE


def _published(value: Texte) -> Text:
    jo = _jo(value.infoJO)
    return Text(text(jo.typeJO), text(jo.dateJO), text(jo.pageJO), text(value.texte), _erratum(value.erratum) or None)


def _erratum(value: Erratum | list[Erratum | str | None] | str | None) -> str | None:
    if isinstance(value, list):
        return "<br>".join(filter(None, map(_erratum, value)))
    if isinstance(value, Erratum):
        return text(value) or text(value.texte) or text(_jo(value.infoJO).dateJO)
    return text(value)


def _attribution(value: MinAttrib) -> Attribution:
    jo = _jo(value.infoJO)
    return Attribution(_organ(value.denomination, "denomination"), text(jo.typeJO), text(jo.dateJO))


def _closure(value: Cloture | str | None) -> Closure | None:
    closing = node(value, "cloture")
    if closing is None:
        return None
    jo = _jo(closing.infoJO)
    closure = Closure(
        text(closing.codeCloture),
        text(closing.libelleCloture),
        text(closing.dateCloture),
        text(jo.dateJO),
        text(jo.pageJO),
    )
    return closure if closure != Closure() else None


def number(value: str | None, what: str) -> int:
    """A positive whole number that must be there.

    Raises:
        RecordError: it is missing, or not such a number.
    """
    if value is None:
        raise RecordError("missing", f"{what} is missing")
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 10 and int(value) > 0):
        raise RecordError("number", f"{what} is {value[:40]!r}, a positive whole number was expected")
    return int(value)


def _days(told: Iterable[tuple[InfoJO, Scalar]], what: str, odd: list[Anomaly]) -> Iterator[str]:
    """The day of each, in the Journal officiel or as written; where one has none but a page, an anomaly of `what`."""
    for jo, written in told:
        if day := text(jo.dateJO) or text(written):
            yield day
        elif text(jo.pageJO) or text(jo.numJO):  # the edition stands there too where nothing was published
            odd.append(Anomaly("bad_date", "error", what, None))


def _record(question: Question, odd: list[Anomaly]) -> Record:
    identity = node(question.identifiant, "identifiant") or Identifiant()
    author = node(question.auteur, "auteur") or Auteur()
    ids = node(author.identite, "auteur.identite") or Identite()
    index = node(question.indexationAN, "indexationAN") or Indexation()
    attributions = node(question.minAttribs, "minAttribs") or MinAttribs()
    questions = node(question.textesQuestion, "textesQuestion") or TextesQuestion()
    answers = node(question.textesReponse, "textesReponse") or TextesReponse()
    renewals = node(question.renouvellements, "renouvellements") or Renouvellements()
    uid, kind = text(question.uid), text(question.type)
    if uid is None or kind is None:
        raise RecordError("missing", f"{'uid' if uid is None else 'type'} is missing")
    signals = nodes(question.signalement, "signalement")
    renewed_in = nodes(renewals.renouvellement, "renouvellement")
    signalled = [(_jo(signal.infoJO), signal.dateDepotSignal) for signal in signals]
    renewed = [(_jo(renewal.infoJO), renewal.dateRenouvellement) for renewal in renewed_in]
    return Record(
        uid=uid,
        legislature=number(text(identity.legislature), "identifiant.legislature"),
        question_type=kind,
        number=number(text(identity.numero), "identifiant.numero"),
        deputy_id=text(ids.acteurRef),
        mandate_id=text(ids.mandatRef),
        group=_organ(author.groupe, "auteur.groupe"),
        ministry_asked=_organ(question.minInt, "minInt"),
        attributions=tuple(map(_attribution, nodes(attributions.minAttrib, "minAttrib"))),
        rubrique=text(index.rubrique),
        tete_analyse=text(index.teteAnalyse),
        analyses=_analyses(index),
        questions=tuple(map(_published, nodes(questions.texteQuestion, "texteQuestion"))),
        answers=tuple(map(_published, nodes(answers.texteReponse, "texteReponse"))),
        signalled=tuple(_days(signalled, "signalled_on", odd)),
        renewed=tuple(_days(renewed, "renewals.renewed_on", odd)),
        closure=_closure(question.cloture),
    )
