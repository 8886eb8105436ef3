"""Which questions a text names, and whether as a reminder."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from etl.normalise.mentions import MAY_NAME, mentions


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sa question écrite n° 61 042", [("QE", 61042)]),
        ("sa question écrite (n° 12345) du 3 mai 2016", [("QE", 12345)]),
        ("sa question du 1er mai 2016, n° 7, et celle en date du 03/05/2016", [("QE", 7)]),
        ("sa question écrite en date du 03/05/2016 (numéro 7)", [("QE", 7)]),
        ("la question écrite, publiée le 3 mai 2016 sous le n° 12.345", [("QE", 12345)]),
        ("ses questions écrites nos 12 et 13, sa question orale n° 45", [("QE", 12), ("QE", 13), ("QOSD", 45)]),
        ("la question au Gouvernement n° 3 et 5 autres", [("QG", 3)]),
        ("la question prioritaire de constitutionnalité n° 2012-240, la question du 3 mai 2016", []),
        ("la question n° 1 elle-même", []),
        (
            "sa question écrite publiée au JO le 3 mai 2016 (n° 12), sa question, sous le numéro 13, et celle déposée",
            [("QE", 12), ("QE", 13)],
        ),
        (
            "sa question orale enregistrée sous le n° 12, la question écrite portant le n° 13, sa question référencée n° 14",
            [("QOSD", 12), ("QE", 13), ("QE", 14)],
        ),
        ("la question parue au JO n° 12, sa question publiée le 3 mai (page 12), le décret (n° 13)", []),
        # of the Senate, whose numbers are its own
        ("la question écrite n° 12345 de M. X, sénateur du Nord", []),
        ("la question écrite n° 12345 (JO Sénat du 3 mai 2016) de Mme X", []),
        ("la question écrite n° 12345 publiée dans le JO du Sénat le 3 mai 2016", []),
        ("la question orale n° 12 posée au Sénat", []),
        ("la question écrite, publiée au Journal officiel du Sénat le 3 mai 2016 sous le n° 12345", []),
        ("la sénatrice Mme X a posé une question écrite n° 12345", []),
        ("sa question n° 7 sur le nombre des sénateurs, et la question n° 8 au sujet du Sénat", [("QE", 7), ("QE", 8)]),
        ("la question n° 12 de M. le sénateur X, la question n° 13 (Sénat), les questions n° 14 et 15 du Sénat", []),
        ("la question n° 12 de MM. X et Y, sénateurs, et sa question orale n° 0345S", []),
        ("la question posée par le sénateur X (n° 12) et la question parue le 3 mai (n° 13, Sénat)", []),
        ("la question ecrite no 12 de M Dupont, senateur", []),
        ("la question n° 12 du sénateur X et la question orale n° 13, posée par Mme X, sénatrice", []),
        ("la question n° 7 de M. Y et la question n° 12 de M. X, sénateur", [("QE", 7)]),
        ("sa question n° 7 sur la loi déposée au Sénat, dont M. X, sénateur, rapporte", [("QE", 7)]),
        ("Le sénateur X l'a dit. Sa question n° 7", [("QE", 7)]),
        ("Comme la sénatrice X, M. Y a renouvelé sa question n° 7", [("QE", 7)]),
    ],
)
def test_what_is_named(text, named):
    assert [(row["mentioned_type"], row["mentioned_number"]) for row in mentions(text, "QE", 1)] == named
    assert not named or pc.match_substring_regex(pa.array([text]), MAY_NAME).to_pylist() == [True]


@pytest.mark.parametrize(
    ("text", "reminds"),
    [
        ("M. X rappelle à M. le ministre sa question écrite n° 12.", True),
        ("Sa question n° 12 reste sans réponse.", True),
        ("M. X rappelle à M. le ministre la question écrite n° 12 de Mme Y.", False),
        ("Sa question n° 12 portait sur la pêche.", False),
    ],
)
def test_what_is_a_reminder(text, reminds):
    assert [row["reminds"] for row in mentions(text, "QE", 1)] == [reminds]
