import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.text import clean_label, mend

WORDS = """
    l'école à où déjà maïs CHÂTEAU THÉÂTRE LIBERTÉ Île-de-France cœur Œuvre garçon août bâtiment naïve ambiguë
    L’Haÿ-les-Roses République Français 12 194 588 ça ÇA « » … – — ’ “ ” € % n° m² ½ : ; ! ? ( ) [ ] ÉTÉ» âge
"""
french = st.lists(st.sampled_from(WORDS.split()), max_size=30).map(" ".join)


def misread(text: str) -> str:
    """UTF-8 read as windows-1252, its undefined bytes as latin-1."""
    return "".join(
        bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1") for byte in text.encode()
    )


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("Ã©tÃ© Ã\xa0 la mer", "été à la mer"),
        ("dÃ©jÃ , voilÃ  Ã  part", "déjà, voilà à part"),
        ("l'Ã\x83Â©cole est dÃ©jÃ\xa0 ouverte", "l'école est déjà ouverte"),
        ("moitié saine, moitiÃ© abÃ®mÃ©e", "moitié saine, moitié abîmée"),
        ("lâ€™Å“uvre â€“ 3 â‚¬", "l’œuvre – 3 €"),
        ("â€œouiâ€\ufffd", "“oui”"),
        ("CHÂ\xadTEAU, PÂ\xadTÉ, THÉÂ\xadTRE", "CHÂTEAU, PÂTÉ, THÉÂTRE"),
        ("inforÂ\xadmation", "information"),
        ("c\x9cur, l\x92eau, 3\x80", "cœur, l’eau, 3€"),
        ("5eme R\ufffdpublique", "5eme République"),
        ("R\ufffd\ufffdPUBLIQUE FRAN\ufffdAISE", "RÉPUBLIQUE FRANÇAISE"),
        ("mot inconn\ufffd", "mot inconn\ufffd"),
        ("Minsitère des armées", "Ministère des armées"),
        ("a\x00b\x07c\u200b d\xade\ufeff", "abc de"),
        ("page\x0csuivante", "page suivante"),
        ("e\u0301te\u0301", "été"),
        ("x\ud800y", "x\ufffdy"),
        (
            "L. 123\u20114, sous\u2010préfet, le ﬁnancement des eﬀectifs oﬃciels",
            "L. 123-4, sous-préfet, le financement des effectifs officiels",
        ),
        ("\uf0b7 un \uf0a7 deux \uf0d8 trois \uf02d \uf0e0 \uf8ff", "• un • deux • trois - → \uf8ff"),
    ],
)
def test_mends(damaged, whole):
    assert mend(damaged) == whole


@given(french)
def test_correct_french_comes_back_as_it_is(text):
    assert mend(text) == text


@given(french, french)
def test_a_misread_part_is_read_again(text, other):
    text = text.replace("»", "") or "é"
    assert mend(f"{other} {misread(text)}") == f"{other} {text}"
    assert mend(f"{other} {misread(misread(text))}") == f"{other} {text}"


@given(st.text())
def test_mending_any_text_ends_and_mends_once(text):
    assert mend(mend(text)) == mend(text)


@pytest.mark.parametrize(
    ("sent", "label"),
    [
        (" Minist&egrave;re  de l&#146;int\ufffdrieur\xa0", "Ministère de l’intérieur"),
        ("R&D, R&amp;D et R&amp;amp;D", "R&D, R&D et R&D"),
        ("&#339;uvre &amp;#339;uvre &#x153;uvre", "œuvre œuvre œuvre"),
        ("M&notre, AT&T; &inconnue;", "M&notre, AT&T; &inconnue;"),
        ("*astérisque* _souligné_", "*astérisque* _souligné_"),
        ("&#99999999999999999999999;", "\ufffd"),
    ],
)
def test_labels(sent, label):
    assert clean_label(sent) == label
