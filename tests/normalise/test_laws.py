"""What a text names of laws: golden cases from real questions and answers, read by eye."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.laws import MAY_NAME, law_references

#: A passage, and each reference in it: kind, number, day, code.
CASES = [
    ("la loi n° 2019-486 du 22 mai 2019 relative à la croissance", [("loi", "2019-486", date(2019, 5, 22), None)]),
    ("Loi organique no 2001‑692 du 1er août 2001,", [("loi", "2001-692", date(2001, 8, 1), None)]),
    ("la loi ALUR n° 2014-366 et l'emploi n° 2014-366", [("loi", "2014-366", None, None)]),
    ("loi de finances rectificative pour 2012 n° 2012-1510 du 29 décembre 2012",
     [("loi", "2012-1510", date(2012, 12, 29), None)]),
    ("l'article 24 de la loi de finances rectificative pour 2012", []),
    # a law named again by its day or its number alone is the same
    ("La loi n° 2005-102 du 11 février 2005 ; la loi du 11 février 2005 ; la loi n° 2005-102 précitée.",
     [("loi", "2005-102", date(2005, 2, 11), None)]),
    ("la loi du 11 février 2005, puis la loi n° 2005-102 du 11 février 2005", [("loi", "2005-102", date(2005, 2, 11), None)]),
    ("les lois du 2 mars 1982 et du 13 août 2004", [("loi", None, date(1982, 3, 2), None), ("loi", None, date(2004, 8, 13), None)]),
    ("les lois des 7 janvier et 22 juillet 1983, les décrets des 5, 12 et 30 mars 2007, des arrêtés des 3 et 31 avril 1990",
     [("loi", None, date(1983, 1, 7), None), ("loi", None, date(1983, 7, 22), None),
      *[("décret", None, date(2007, 3, day), None) for day in (5, 12, 30)], ("arrêté", None, date(1990, 4, 3), None)]),
    ("les lois des 1er juillet 1901 et 9 décembre 1905",
     [("loi", None, date(1901, 7, 1), None), ("loi", None, date(1905, 12, 9), None)]),
    ("les lois des 22 et 23, les lois des 7 janvier et 22 juillet, les projets de lois des 2 et 3 mai 2016", []),
    ("les lois n° 2014-58 du 27 janvier 2014 et n° 2015-991 du 7 août 2015",
     [("loi", "2014-58", date(2014, 1, 27), None), ("loi", "2015-991", date(2015, 8, 7), None)]),
    ("les lois nos 2014-58 et 2015-991 du 7 août 2015, et 2016-1",
     [("loi", "2014-58", None, None), ("loi", "2015-991", date(2015, 8, 7), None), ("loi", "2016-1", None, None)]),
    ("les lois du 7 août 2015 et 2016-2017", [("loi", None, date(2015, 8, 7), None)]),
    ("les lois Sapin 2 du 9 décembre 2016 et « Pacte » du 22 mai 2019, la directive Seveso du 24 juin 1982",
     [("loi", None, date(2016, 12, 9), None), ("loi", None, date(2019, 5, 22), None),
      ("directive", None, date(1982, 6, 24), None)]),
    ("la loi prévoit, à compter du 5 janvier 2017, que la loi Travail soit revue du 1er mai 2020", []),
    ("la loi prévoit du 5 janvier 2017", []),
    ("la loi 2015-991 du 7 août 2015", [("loi", "2015-991", date(2015, 8, 7), None)]),
    ("le décret 85-1148 du 24 octobre 1985", [("décret", "85-1148", date(1985, 10, 24), None)]),
    ("la loi de programmation 2014-2019 du 18 décembre 2013, la loi de finances 2016-2017", []),
    ("le règlement d'exécution (UE) n° 2019/1021 et la directive déléguée 2012/50/UE",
     [("règlement", "2019/1021", None, None), ("directive", "2012/50", None, None)]),
    ("les règlements délégués (UE) 2016/161 et (UE) 2015/35",
     [("règlement", "2016/161", None, None), ("règlement", "2015/35", None, None)]),
    ("décret interministériel n° 81-778 du 13 août 1981 modifié", [("décret", "81-778", date(1981, 8, 13), None)]),
    ("le décret d'application du 23 mai 2014", [("décret", None, date(2014, 5, 23), None)]),
    ("décret pris en application de la loi n° 2003-699 du 30 juillet 2003", [("loi", "2003-699", date(2003, 7, 30), None)]),
    ("un secret n° 2003-699", []),
    ("le decret n 85-1148 du 24 octobre 1985 modifie", []),  # no sign that tells a number
    ("le decret no 85-1148 du 24 octobre 1985 modifie", [("décret", "85-1148", date(1985, 10, 24), None)]),
    ("ordonnance n° 2014-1090 du 26 septembre 2014", [("ordonnance", "2014-1090", date(2014, 9, 26), None)]),
    ("ordonnance de 1958, et les ordonnances !", []),
    ("arrêtés ministériels du 7 mars 2013 et du 8 avril 2013",
     [("arrêté", None, date(2013, 3, 7), None), ("arrêté", None, date(2013, 4, 8), None)]),
    ("le chantier s'est arrêté le 5 juillet 2012", []),
    ("la directive 2006/112/CE du Conseil du 28 novembre 2006", [("directive", "2006/112", date(2006, 11, 28), None)]),
    ("directive n° 2002/30/CE", [("directive", "2002/30", None, None)]),
    ("directive 92/83 du 19 octobre 1992", [("directive", "92/83", date(1992, 10, 19), None)]),
    ("règlement (UE) n° 305/2011 du Parlement européen et du Conseil du 9 mars 2011",
     [("règlement", "305/2011", date(2011, 3, 9), None)]),
    ("le règlement UE n° 1169/2011", [("règlement", "1169/2011", None, None)]),
    ("le règlement (UE) 2016/679 (RGPD)", [("règlement", "2016/679", None, None)]),
    ("règlement européen n° 598-2014 relatif au bruit", [("règlement", "598/2014", None, None)]),
    ("le règlement de 2015, les règlements de compte", []),
    ("la directive « habitats » 92/43/CEE, la directive \"oiseaux\" (79/409/CEE) du 2 avril 1979",
     [("directive", "92/43", None, None), ("directive", "79/409", date(1979, 4, 2), None)]),
    ("la directive-cadre sur l'eau n° 2000/60/CE du 23 octobre 2000", [("directive", "2000/60", date(2000, 10, 23), None)]),
    ("les règlements REACH (CE) n° 1907/2006 et CLP (CE) n° 1272/2008",
     [("règlement", "1907/2006", None, None), ("règlement", "1272/2008", None, None)]),
    ("le règlement du Parlement européen et du Conseil n° 1169/2011", [("règlement", "1169/2011", None, None)]),
    ("le règlement (CE) n° 1/2005 sur le transport des animaux", [("règlement", "1/2005", None, None)]),
    ("la directive publiée le 12/03/2014, le règlement adopté par 12/20, la directive et le décret (UE) n° 12/2014", []),
    ("la loi d'amnistie du 4 août 1981, la loi sur l'eau et les milieux aquatiques du 30 décembre 2006",
     [("loi", None, date(1981, 8, 4), None), ("loi", None, date(2006, 12, 30), None)]),
    ("la loi de santé entrée en vigueur à partir du 1er janvier 2016, la loi de finances applicable à compter du 2 mai 2016", []),
    ("le projet de loi de finances du 26 septembre 2018, la proposition de loi sur la fin de vie du 3 mai 2016", []),
    ("la loi de finances apres la reunion du 3 mai 1990", []),
    ("la loi pour les victimes des attentats du 13 novembre 2015, la loi pour le report des élections du 22 mars 2020", []),
    ("la loi sur l'eau dans sa version du 3 mai 2005, la loi sur l'eau que sa question du 3 mai 2011 évoque", []),
    ("la loi pour la confiance dans l'économie numérique du 21 juin 2004", [("loi", None, date(2004, 6, 21), None)]),
    ("la loi de santé lors de la réunion du 3 mai 2016, la loi sur l'eau selon le rapport du 4 mai 2016", []),
    ("la loi sur l'eau et la circulaire du 26 octobre 2012, la loi de finances après le conseil des ministres du 3 mai 2016", []),
    ("une loi du 31 février 2005", []),
    ("l'article L. 212-2 du code de l’éducation", [("article", "L. 212-2", None, "code de l'éducation")]),
    ("articles L1221-3 et L. 1221-7, alinéa 2, du code de la santé publique",
     [("article", "L. 1221-3", None, "code de la santé publique"), ("article", "L. 1221-7", None, "code de la santé publique")]),
    ("les articles R.* 421-1 et LO 145 du code électoral",
     [("article", "R. 421-1", None, "code électoral"), ("article", "L.O. 145", None, "code électoral")]),
    ("les articles L. 252-1 à 5 et 7 du code rural",
     [("article", number, None, "code rural") for number in ("L. 252-1", "L. 252-5", "7")]),
    ("l'article 302 D bis du CGI", [("article", "302 D bis", None, "code général des impôts")]),
    ("les articles 279-0 *bis*, 200 *quater* A et 39 *bis* A *ter* du CGI",
     [("article", number, None, "code général des impôts") for number in ("279-0 bis", "200 quater A", "39 bis A ter")]),
    ("les articles 199 undecies B, 199 *tervicies*, 4B et 1609 quatervicies du CGI",
     [("article", number, None, "code général des impôts")
      for number in ("199 undecies B", "199 tervicies", "4 B", "1609 quatervicies")]),
    ("(art. L 146-4 du code de l'urbanisme), l'article R\\*123-1 et l'article L. \\*1 de ce code, un ouvrage d'art. 12 millions",
     [("article", "L. 146-4", None, "code de l'urbanisme"), ("article", "R. 123-1", None, None), ("article", "L. 1", None, None)]),
    # the pages of the 8th to the 10th have no accents
    ("l'article 31 du code general des impots, l'article L. 5 du CODE DE LA SECURITE SOCIALE, l'article 49, alinea 3, de la Constitution",
     [("article", "31", None, "code général des impôts"), ("article", "L. 5", None, "code de la sécurité sociale"),
      ("article", "49", None, "Constitution")]),
    ("l'article 5 du code cıvil", [("article", "5", None, "code cıvil")]),
    ("l'arrete ministeriel du 3 mai 1990, les arretes du 4 mai 1990 et du 5 mai 1990, il s'arrete le 6 mai 1990",
     [("arrêté", None, date(1990, 5, day), None) for day in (3, 4, 5)]),
    ("l'article 44 du code des marchés publics", [("article", "44", None, "code des marchés publics")]),
    ("L'article 72, alinéa 5 de la Constitution", [("article", "72", None, "Constitution")]),
    ("l'article 1er et l'article 49, alinéa 3, de la Constitution", [("article", "49", None, "Constitution")]),
    ("les articles 1er et 2 du code civil, l'article 1er bis du code rural, les articles 2, 1er et 3 de la Constitution",
     [*[("article", number, None, "code civil") for number in "12"], ("article", "1 bis", None, "code rural"),
      *[("article", number, None, "Constitution") for number in "213"]]),
    ("l'article 1er de la Constitution", [("article", "1", None, "Constitution")]),
    ("l'article R. 431-8 et l'article 52 du projet de loi", [("article", "R. 431-8", None, None)]),
    ("l'article 21 de la loi du 22 janvier 2002 modifie le code du travail", [("loi", None, date(2002, 1, 22), None)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_references_by_eye(text, wanted):
    found = law_references(text, None)
    assert [(one["kind"], one["law_number"], one["dated_on"], one["code"]) for one in found] == wanted
    assert all(one["words"] in text for one in found)
    assert not found or pc.match_substring_regex(pa.array([text]), MAY_NAME).to_pylist() == [True]


@given(
    st.lists(st.sampled_from([text for case in CASES for text in re.split(r"(\W)", case[0])]), max_size=25).map("".join)
)
def test_arrow_sees_each_text_that_names_any(text):
    if law_references(text, None):
        assert pc.match_substring_regex(pa.array([text]), MAY_NAME).to_pylist() == [True]


def test_arrow_sees_that_most_texts_name_none():
    texts = ["L'emploi, le secret, un partenaire à 5 %.", "La loi. Elle a 3 articles.", "L'article de 2015"]
    assert pc.match_substring_regex(pa.array(texts), MAY_NAME).to_pylist() == [False] * 3


def test_ranks_go_on_from_the_question_to_the_answer():
    law = "la loi n° 2019-486 du 22 mai 2019"
    found = law_references(f"{law} et l'article L. 1 du code du travail", f"{law}. Encore {law}.")
    assert [(one["rank"], one["text_of"], one["law_number"]) for one in found] == [
        (1, "question", "2019-486"),
        (2, "question", "L. 1"),
        (3, "answer", "2019-486"),
    ]
    assert law_references(None, None) == []
