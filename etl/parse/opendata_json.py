"""The Assembly's open data in JSON, one question: the file of XV and later, or an item of the XIV's document.

Shapes: FORMATS.md 2. A repeatable node is an object when single, a list when several; a missing value is null, absent,
"", {} or {"@xsi:nil": "true"}. A record that fits is decoded in one pass; one that does not is looked at key by key, so
that an unknown key or a number where a string belongs becomes an anomaly and loses nothing.
"""

from __future__ import annotations

import typing
from functools import cache
from typing import Any, TypeVar

import msgspec

from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, RecordError, Text


class Node(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename={"nil": "@xsi:nil"}):
    """An element of the source; empty when every field is None."""

    nil: str | None = None


Scalar = str | Node | None


class InfoJO(Node):
    """Where in the Journal officiel."""

    typeJO: Scalar = None
    dateJO: Scalar = None
    pageJO: Scalar = None
    numJO: Scalar = None
    urlLegifrance: Scalar = None
    referenceNOR: Scalar = None


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

    minAttrib: MinAttrib | list[MinAttrib] | str | None = None


class Erratum(Node):
    """An erratum, where it is more than a text."""

    infoJO: InfoJO | str | None = None
    texte: Scalar = None


class Texte(Node):
    """A text of a question or an answer."""

    infoJO: InfoJO | str | None = None
    texte: Scalar = None
    erratum: Erratum | str | None = None


class TextesQuestion(Node):
    """The question's texts."""

    texteQuestion: Texte | list[Texte] | str | None = None


class TextesReponse(Node):
    """The answer's texts."""

    texteReponse: Texte | list[Texte] | str | None = None


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

    renouvellement: Renouvellement | list[Renouvellement] | str | None = None


class Analyses(Node):
    """Index of XIV, XVI and later."""

    analyse: Node | list[Scalar] | str | None = None


class Ana(Node):
    """Index of XV."""

    ANA: Node | list[Scalar] | str | None = None


class Indexation(Node):
    """The Assembly's index."""

    rubrique: Scalar = None
    teteAnalyse: Scalar = None
    analyses: Analyses | str | None = None
    ANALYSE: Ana | str | None = None


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


class Question(Node, rename={"nil": "@xsi:nil", "xmlns": "@xmlns", "xsi": "@xmlns:xsi", "kind": "@xsi:type"}):
    """A question; the three XML attributes are ignored."""

    xmlns: str | None = None
    xsi: str | None = None
    kind: str | None = None
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
    signalement: Signalement | list[Signalement] | str | None = None
    renouvellements: Renouvellements | str | None = None


class Unit(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A file of one question."""

    question: Question


_unit = msgspec.json.Decoder(Unit)
_item = msgspec.json.Decoder(Question)
N = TypeVar("N", bound=Node)


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
    return _record(question), odd


def _tidied(raw: bytes, item: bool, odd: list[Anomaly]) -> Question:
    try:
        tree = msgspec.json.decode(raw)
        if item:
            tree = {"question": tree}
        return msgspec.convert(_tidy(tree, Unit, "", odd), Unit).question
    except msgspec.ValidationError as error:
        raise RecordError("shape", f"not a question: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError("json", f"not JSON: {error}") from error


@cache
def _shape(struct: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """The keys an element may have, each with the element (or Node, for a scalar) that it holds."""
    shapes: dict[str, type[msgspec.Struct]] = {}
    for field in msgspec.structs.fields(struct):
        members = typing.get_args(field.type) or (field.type,)
        shapes[field.encode_name] = next(
            (one for one in members if isinstance(one, type) and issubclass(one, msgspec.Struct)), Node
        )
    return shapes


def _tidy(tree: Any, struct: type[msgspec.Struct], path: str, odd: list[Anomaly]) -> Any:  # noqa: ANN401
    if isinstance(tree, list):
        return [_tidy(one, struct, path, odd) for one in tree]
    if isinstance(tree, bool | int | float):
        text = msgspec.json.encode(tree).decode()
        odd.append(Anomaly("number_for_string", "warning", path, text))
        return text
    if not isinstance(tree, dict):
        return tree
    shapes = _shape(struct)
    for key in tree.keys() - shapes.keys():
        value = msgspec.json.encode(tree[key]).decode()
        odd.append(Anomaly("unknown_key", "warning", f"{path}.{key}".lstrip("."), value))
    return {
        key: _tidy(value, shapes[key], f"{path}.{key}".lstrip("."), odd) for key, value in tree.items() if key in shapes
    }


def _text(value: Scalar) -> str | None:
    return value or None if isinstance(value, str) else None


def _node(value: N | str | None, what: str) -> N | None:
    if not isinstance(value, str):
        return value
    if value.strip():
        raise RecordError("shape", f"{what} is a text ({value[:60]!r}), an element was expected")
    return None


def _nodes(value: N | list[N] | str | None, what: str) -> list[N]:
    found = value if isinstance(value, list) else [_node(value, what)]
    # {} and {"@xsi:nil": "true"} are elements that are not there
    return [one for one in found if one and any(getattr(one, name) for name in one.__struct_fields__ if name != "nil")]


def _texts(value: Node | list[Scalar] | str | None) -> tuple[str, ...]:
    values: list[Any] = value if isinstance(value, list) else [value]
    return tuple(text for text in map(_text, values) if text)


def _organ(value: Organ | str | None, what: str) -> Body:
    one = _node(value, what)
    return Body() if one is None else Body(_text(one.organeRef), _text(one.abrege), _text(one.developpe))


_NOWHERE = InfoJO()


def _jo(value: InfoJO | str | None) -> InfoJO:
    return _node(value, "infoJO") or _NOWHERE


def _published(value: Texte) -> Text:
    jo = _jo(value.infoJO)
    erratum = value.erratum
    if isinstance(erratum, Erratum):
        erratum = _text(erratum.texte) or _text(_jo(erratum.infoJO).dateJO)
    return Text(_text(jo.typeJO), _text(jo.dateJO), _text(jo.pageJO), _text(value.texte), erratum or None)


def _attribution(value: MinAttrib) -> Attribution:
    jo = _jo(value.infoJO)
    return Attribution(_organ(value.denomination, "denomination"), _text(jo.typeJO), _text(jo.dateJO))


def _closure(value: Cloture | str | None) -> Closure | None:
    one = _node(value, "cloture")
    if one is None:
        return None
    jo = _jo(one.infoJO)
    closure = Closure(
        _text(one.codeCloture),
        _text(one.libelleCloture),
        _text(one.dateCloture),
        _text(jo.dateJO),
        _text(jo.pageJO),
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


def _record(question: Question) -> Record:
    identity = _node(question.identifiant, "identifiant") or Identifiant()
    author = _node(question.auteur, "auteur") or Auteur()
    ids = _node(author.identite, "auteur.identite") or Identite()
    index = _node(question.indexationAN, "indexationAN") or Indexation()
    analyses = _node(index.analyses, "analyses") or Analyses()
    ana = _node(index.ANALYSE, "ANALYSE") or Ana()
    attributions = _node(question.minAttribs, "minAttribs") or MinAttribs()
    questions = _node(question.textesQuestion, "textesQuestion") or TextesQuestion()
    answers = _node(question.textesReponse, "textesReponse") or TextesReponse()
    renewals = _node(question.renouvellements, "renouvellements") or Renouvellements()
    uid, kind = _text(question.uid), _text(question.type)
    if uid is None or kind is None:
        raise RecordError("missing", f"{'uid' if uid is None else 'type'} is missing")
    signalled = [
        _text(_jo(one.infoJO).dateJO) or _text(one.dateDepotSignal)
        for one in _nodes(question.signalement, "signalement")
    ]
    renewed = [
        _text(_jo(one.infoJO).dateJO) or _text(one.dateRenouvellement)
        for one in _nodes(renewals.renouvellement, "renouvellement")
    ]
    return Record(
        uid=uid,
        legislature=number(_text(identity.legislature), "identifiant.legislature"),
        question_type=kind,
        number=number(_text(identity.numero), "identifiant.numero"),
        deputy_id=_text(ids.acteurRef),
        mandate_id=_text(ids.mandatRef),
        group=_organ(author.groupe, "auteur.groupe"),
        ministry_asked=_organ(question.minInt, "minInt"),
        attributions=tuple(map(_attribution, _nodes(attributions.minAttrib, "minAttrib"))),
        rubrique=_text(index.rubrique),
        tete_analyse=_text(index.teteAnalyse),
        analyses=tuple(dict.fromkeys(_texts(analyses.analyse) + _texts(ana.ANA))),
        questions=tuple(map(_published, _nodes(questions.texteQuestion, "texteQuestion"))),
        answers=tuple(map(_published, _nodes(answers.texteReponse, "texteReponse"))),
        signalled=tuple(one for one in signalled if one),
        renewed=tuple(one for one in renewed if one),
        closure=_closure(question.cloture),
    )
