import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.text import mend, to_markdown
from tests.rendered import RENDERER, blocks, emphasised


def rendered(markdown: str) -> str:
    """The text that a reader of the Markdown sees."""
    return "\n".join(blocks(markdown))


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize(
    ("fragment", "markdown"),
    [
        # debates
        (
            '</p><p align="CENTER"> PLAN VÉLO <a name=PG1></a> </p><br><strong>Mme la présidente. </strong>'
            "La parole est à M.\xa0Luc Tremblaie.<br><br><strong>M.\xa0Luc Tremblaie,</strong>"
            "<i> rapporteur . </i>Merci. <i>(Rires.)</i><br> <p>",
            "PLAN VÉLO\n\n**Mme la présidente.** La parole est à M. Luc Tremblaie.\n\n"
            "**M. Luc Tremblaie,** *rapporteur .* Merci. *(Rires.)*",
        ),
        ("<BR> Un<BR>  Deux<br /><br/>Trois</br>Quatre", "Un\n\nDeux\n\nTrois\n\nQuatre"),
        ("Un<br></br>Deux", "Un\n\nDeux"),
        ("<i>Un<br>Deux</i>", "*Un*\n\n*Deux*"),
        ("M. X. Un.<BR>  M. Y. Deux.<BR>la suite", "M. X. Un.\n\nM. Y. Deux.\n\nla suite"),
        (
            "<i>(Bruit.)<br><br>Du calme. <i>(Rires.)</i>",
            "*(Bruit.)*\n\nDu calme. *(Rires.)*",
        ),
        ("fin tronquée.<br>\n<p", "fin tronquée."),
        # emphasis
        ("<strong>M. X. </strong>La parole", "**M. X.** La parole"),
        ("<b>M. X.</b>La parole", "**M. X**.La parole"),
        ("mot<i>(rires)</i>suite", "mot(*rires*)suite"),
        (
            "l<i>'Abeille Bourbon</i>, le ministre<i>. (Rires.)</i> Bien",
            "l'*Abeille Bourbon*, le ministre. *(Rires.)* Bien",
        ),
        ("<b>X</b><i>(a)</i>b <b>X.</b><i>a</i> <b>X</b><i>a</i>", "**X**(*a*)b **X**.*a* **X**a"),
        ("5 €<i>(a)</i>€ l<a href=https://y.fr><i>'a</i></a>", "5 €(*a*)€ l['a](https://y.fr)"),
        ("le<b>ur</b>re, <B>gr<I>as</I></B>", "le**ur**re, **gr**as"),
        ("1<i>1</i>* 1, _*mot*_", "1*1*\\* 1, \\_\\*mot\\*\\_"),
        ("<b>Ceci <i>est</i> tout</b>", "**Ceci** ***est*** **tout**"),
        ("<b> </b>a<i></i>b<strong>.</strong>", "ab."),
        ("« oui » /em>Enfin, <em>non » /em>Enfin", "« oui » Enfin, *non »* Enfin"),
        # lists
        (
            "Voici<ul><li>un<li> <p>deux</p><ol><li>a</li><li>b</li></ol></ul>suite",
            "Voici\n\n- un\n- deux\n  1. a\n  2. b\n\nsuite",
        ),
        ("Voici :<li>un</li><li>deux</li>", "Voici :\n- un\n- deux"),
        ("<ul><li>un<br>deux<ul><li>a</ul>suite<li>b</ul>fin", "- un\n\n  deux\n  - a\n\n  suite\n- b\n\nfin"),
        ("<ol><li></li><li>un<p>deux</p></ol>", "1. un\n\n   deux"),
        ("<ol start='3'><li>un<li>deux<li value=7>sept</ol>", "3. un\n4. deux\n7. sept"),
        ("5. a<br>7. b<br>8. c<br>9. d<br>1) e", "5. a\n\n7\\. b\n\n8. c\n\n9. d\n\n1) e"),
        # characters
        ("&#339;uvre &amp;#339;uvre, R&D, R&amp;D, l&#146;eau&nbsp;!", "œuvre œuvre, R&D, R&D, l’eau !"),
        ("a\xa0\u202f b\tc \u200bd\xade", "a b c de"),
        ("5<sup>e</sup> CO<sub>2</sub>", "5e CO2"),
        (
            "10<sup>6</sup> m<sup> 2 </sup>, 10<SUP>-3</SUP>, 1<sup>er</sup> note<sup>(1)</sup>",
            "10⁶ m², 10⁻³, 1er note(1)",
        ),
        ("10<sup> - 6</sup> et 1<sup>er<b> a</b> - <b>b</b>", "10⁻⁶ et 1er **a** - **b**"),
        ("<details><summary>Un</summary>deux</details><option>3<option>4", "Un\n\ndeux\n\n3\n\n4"),
        ("<TABLE BORDER><TR><TD>Un</TABLE>", "| Un |\n| --- |"),
        ("Ca<sup>2+</sup> SO<sub>4</sub><sup>2–</sup> NO<sub>3</sub><sup>-</sup>", "Ca²⁺ SO4²⁻ NO3⁻"),
        ("5&lt;sup&gt;2&lt;/sup&gt;<sup>3<p>4", "5²³\n\n4"),
        # what only looks like a tag, and what does not
        ("a < 5 et > 3, x <y et z> 0", "a < 5 et > 3, x < y et z> 0"),
        (
            "<jean@exemple.fr> &lt;x&gt; a &lt; b &gt; c, a &lt;b et c&gt; d",
            "< jean@exemple.fr> < x> a < b > c, a < b et c> d",
        ),
        (
            '&lt;p class="x"&gt;Un&lt;/p&gt;&lt;P&gt;<b>deux</b>&lt;br /&gt;&lt;i&gt;3&lt;/i&gt;',
            "Un\n\n**deux**\n\n*3*",
        ),
        ("&amp;lt;p class=&amp;quot;x&amp;quot;&amp;gt;Un&#60;br>deux&lt;/p&gt;", "Un\n\ndeux"),
        (
            "&lt;!-- DEBTAB --&gt;&lt;table&gt;&lt;tr&gt;&lt;td&gt;1&lt;/td&gt;&lt;/tr&gt;&lt;!-- FINTAB --&gt;2",
            "| 1 |\n| --- |\n\n2",
        ),
        ("&lt;a href='https://y.fr/?a=1&amp;amp;b'&gt;ici&lt;/a&gt;", "[ici](https://y.fr/?a=1&b)"),
        ("&lt;script&gt;x&lt;/script&gt;", "< script>x< /script>"),
        ('<font color="red"">a</font> <o:p>b</o:p> <truc>c</truc> <td nowrap>', "a b c"),
        ("les <<zones>> et << l'eau >>, <<b>deux</b>", "les << zones>> et << l'eau >>, <**deux**"),
        ("""<p title="a > b">un <a data-x='->' href="https://y.fr">deux</a>""", "un [deux](https://y.fr)"),
        ('<p title="a>un "deux" et trois > 2', 'un "deux" et trois > 2'),
        ("a</p<p>b</stron<br>c", "a\n\nb< /stron\n\nc"),
        ("<a href='https://exemple.fr/a_(b)'>le site</a>", "[le site](https://exemple.fr/a_%28b%29)"),
        ("""<a data-href="https://z.fr" href="https://y.fr/l'eau a">ici</a>""", "[ici](https://y.fr/l'eau%20a)"),
        ("<a href=mailto:x@y.fr>écrire</a> <a href=https://y.fr>https://y.fr</a>", "écrire https://y.fr"),
        ("<!-- <p>non</p> -->a<!-- b <i>c</i>", "a b *c*"),
        ("a<b/>b <i />c<a href='https://y.fr'/>d<script/>e<style>f</style>", "ab cde"),
        ("<a href=https://y.fr/>a</a>", "[a](https://y.fr/)"),
        ("<![if !supportLists]>&#61623;&nbsp;<![endif]>a<br><!--[if x]><b>non</b><![endif]-->b", "• a\n\nb"),
        ("<script>if (a<b) x()</script>a<style>b", "ab"),
        ("<!DOCTYPE html><html><body>a</body></html><![CDATA[b]]>", "a\n\nb"),
        ("&lt;![CDATA[<p>Un</p>&amp;lt;p&amp;gt;deux]]&gt;<p>&amp;lt;![CDATA[3]]&amp;gt;", "Un\n\ndeux\n\n3"),
        # images
        (
            """<IMG SRC=a.gif ALT="x&nbsp;&lt; 2">, <img alt='' src=b>y <img alt=z /> <img src="c?alt=d">""",
            "x < 2, y z",
        ),
        (
            '<b>a<img src="/i.png" alt="œuvre | b" /></b><table><tr><td><img alt="c|d"><td>&lt;img alt=e&gt;',
            "**aœuvre | b**\n\n| c\\|d | e |\n| --- | --- |",
        ),
        # plain text
        ("Un\nDeux\r\n\r\n\nTrois ", "Un\n\nDeux\n\nTrois"),
        (
            "Un long texte que sa largeur a coupé en deux, au milieu d'une phrase\nqui continue.\nPuis une autre.",
            "Un long texte que sa largeur a coupé en deux, au milieu d'une phrase qui continue.\n\nPuis une autre.",
        ),
        ("<p>Un\n deux</p>", "Un deux"),
        ("<p>Un\n deux</p><PRE>\n1985   3\n1986   <b>4</b>\n</PRE>\ntrois", "Un deux\n\n1985 3\n\n1986 **4**\n\ntrois"),
        ("- un\n1. deux\n* trois", "- un\n\n1. deux\n\n* trois"),
        ("# un\n> deux\n---\n+ 3 %\n- > 60 ans", "\\# un\n\n\\> deux\n\n\\---\n\n\\+ 3 %\n\n- \\> 60 ans"),
        ("Note (*) et *mot* ; 5 * 3 ; nom_de_fichier", "Note (\\*) et \\*mot* ; 5 * 3 ; nom_de_fichier"),
        ("[…](Rires.) [1]", "[…]\\(Rires.) [1]"),
        ("", ""),
        (" <p> </p> ", ""),
    ],
)
def test_golden(fragment, markdown):
    assert to_markdown(fragment) == markdown


NAMES = "p br b strong i em ul menu li table tr td th div a sup sub font span h3 quest o:p html STRONG TD"
TAGS = [
    f"<{slash}{name}{attributes}>"
    for name in NAMES.split()
    for slash, attributes in (("", ""), ("/", ""), ("", " /"), ("", ' align="center" rowspan=3"'))
] + ["<!-- DEBTAB -->", "<!-- FINTAB -->", "<!-- <b> -->", "<a name=PG1>", '<a href="https://exemple.fr/">']
WORDS = "M. l'été Île 2026 194\xa0588 (rires) « oui » à - – ! . , 5 < 7 > 3 R&D"
ENTITIES = {"&eacute;": "é", "&amp;#339;": "œ", "&nbsp;": "", "&#146;": "", "&amp;": "", "&lt; ": "", "&": ""}

piece = st.one_of(
    st.sampled_from(TAGS).map(lambda tag: (tag, "")),
    st.sampled_from(WORDS.split(" ")).map(lambda word: (word, word)),
    st.sampled_from(sorted(ENTITIES.items())),
    st.just((" ", "")),
)
fragments = st.lists(piece, max_size=60)


@given(fragments)
def test_every_letter_and_digit_stays_in_order_whatever_the_tags(pieces):
    # A letter right after "<" or "&" is another text: the words keep their distance.
    fragment = "".join(f"{sent} " if sent in ("<", "&") else sent for sent, _ in pieces)
    markdown = to_markdown(fragment).replace("](https://exemple.fr/)", "]")
    shown = unicodedata.normalize("NFKC", markdown.replace("œ", "\0")).replace("\0", "œ")  # a raised 5 is a 5
    assert letters(shown) == letters("".join(text for _, text in pieces))


@given(st.one_of(st.text(), st.text(alphabet="<>/&;!-[]abip \n\t\xa0|*_#1.éÃ©\u0301", max_size=80)))
def test_any_text_gives_tidy_markdown(text):
    markdown = to_markdown(text)
    assert not re.search(r"<[A-Za-z/!?]|&(?:amp|lt|gt|nbsp|#[0-9]+);", markdown)
    assert not re.search(r"[^\S \n]|\n{3}| (?=\n|\Z)|\A\s|\n\Z|(?<=\S)  ", markdown)
    assert unicodedata.is_normalized("NFC", markdown)


@given(st.text(alphabet="abcé 1,.'’«»?!()-:\xa0\u202f\n\t", max_size=80))
def test_plain_text_loses_only_odd_spaces_and_is_then_stable(text):
    once = to_markdown(text)
    assert once.replace("\\-", "-").split() == mend(text).split()
    assert to_markdown(once) == once or "\\" in once


@given(st.text(alphabet="ab *_`\\[]()!~1.é-", max_size=40))
def test_a_reader_of_the_markdown_sees_the_plain_text(text):
    assert rendered(to_markdown(f"a {text}")) == " ".join(f"a {text}".split())


@given(st.text(alphabet="ab #>+=-_*~[]:\n", max_size=30))
def test_no_line_of_prose_becomes_a_heading_a_quote_or_a_rule(text):
    kinds = {token.type for token in RENDERER.parse(to_markdown(f"a\n{text}"))}
    assert not kinds & {"heading_open", "blockquote_open", "hr", "fence", "code_block", "html_block"}


SIGNS = "aé1 .,()«»'’*_`[]!-€°\\"
styled = st.tuples(st.sampled_from(["", "b", "i", "strong", "em"]), st.text(alphabet=SIGNS, min_size=1, max_size=5))


def html(runs: list[tuple[str, str]]) -> str:
    return "".join(f"<{tag}>{text}</{tag}>" if tag else text for tag, text in runs)


@given(st.lists(styled, max_size=8))
def test_emphasis_changes_no_letter_sign_or_space(runs):
    markdown = to_markdown("x " + html(runs))
    assert blocks(markdown) == [" ".join("".join(("x ", *(text for _, text in runs))).split())]
    wanted = iter("".join(text for tag, text in runs if tag))
    assert all(char in wanted for char in emphasised(markdown) if char.isalnum())  # a subsequence: `in` consumes


@given(st.lists(styled, max_size=8))
def test_emphasis_between_spaces_stays_whole(runs):
    markdown = to_markdown("x " + " ".join(html([run]) for run in runs))
    wanted = "".join(text for tag, text in runs if tag and letters(text))
    assert "".join(emphasised(markdown).split()) == "".join(wanted.split())


lines = st.lists(st.text(alphabet="ab .,-*#>+=|:;()é", max_size=8), max_size=8)


@given(lines, st.sampled_from(["<br>", "<BR />", "</p><p>", "<br>\n<br>", "\n"]))
def test_every_break_is_seen(texts, between):
    written = [" ".join(text.split()) for text in texts if letters(text)]
    markdown = to_markdown(between.join(written))
    # A renderer shows the mark of a list that its author wrote, "-" or "*", as a mark of its own.
    shown = [block.lstrip("-* ") for block in blocks(markdown) if block]
    assert shown == [text.lstrip("-* ") for text in written]


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(".)")), max_size=6))
def test_numbers_at_the_start_of_lines_are_shown_as_they_are(numbers):
    written = [f"{number}{sign} a" for number, sign in numbers]
    shown: list[str] = []
    start = 0
    for token in RENDERER.parse(to_markdown("<br>".join(written))):
        if token.type == "ordered_list_open":
            start = int(token.attrs.get("start", 1))
        elif token.type == "list_item_open":
            shown.append(f"{start}{token.markup} ")
            start += 1
        elif token.type == "paragraph_open" and token.level == 0:
            shown.append("")
        elif token.type == "inline":
            shown[-1] += token.children[0].content
    assert [" ".join(line.split()) for line in shown] == [" ".join(line.split()) for line in written]


@given(lines, lines)
def test_every_break_within_a_list_is_seen(texts, others):
    written = [f"x{' '.join(text.split())}" for text in texts]
    inner = [f"y{' '.join(text.split())}" for text in others]
    markdown = to_markdown(
        f"<ul><li>{'<br>'.join(written)}<ol><li>{'</li><li>'.join(inner)}</li></ol>après</li><li>fin</li></ul>"
    )
    assert blocks(markdown) == [*written, *inner, "après", "fin"]


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "<",
            "<b",
            "<b ",
            "</",
            "<a href=x ",
            "<!--",
            "-->",
            "<!-- DEBTAB ",
            "<script>",
            "<i>",
            "<br>",
            "<p>a",
        ),
        *("<li>", "<table>", "<td colspan=99>", "&amp;", "&", "&#", "/em>", "a\ufffd", "Ã", "ÃƒÂ"),
        *("*", "_", "`", "[", "](", "\\", "- ", "="),
    ],
)
def test_long_texts_take_time_in_proportion(pattern):
    # A quadratic step would take minutes here.
    assert letters(to_markdown("début " + pattern * 30_000 + " fin")).startswith("début")
