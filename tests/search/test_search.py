"""Full-text search: what is found and what is not, the index day by day, and queries of any kind."""

from __future__ import annotations

import html
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import UsageError
from etl.sample import write_sample
from etl.schema.ddl import ddl
from etl.search.find import find, suggestions
from etl.search.index import make_room
from etl.search.words import LITTLE, fold, words
from etl.settings import Settings
from etl.warehouse.load import ADDED, MEMORY, _attached, _database
from etl.warehouse.release import path_of, releases
from tests.archives import Node, archive_of, question, site
from tests.e2e.driver import keep_few
from tests.warehouse import life
from tests.warehouse.days import Home, day, query

KEY = "legislature, question_type, question_number"

#: A question's text by its number; none says what another is asked to find.
TEXTS = {
    1: "Les retraites des agriculteurs sont trop faibles : la retraite agricole doit être revalorisée.",
    2: "L’œuvre d'Évariste Galois et l'École normale supérieure.",
    3: "Une agricultrice retraitée demande l'accès à l'eau potable en Guyane.",
    4: "Le financement de la R&D et de la S.N.C.F. ; question écrite n° 12345.",
    5: "Des chevaux nationaux, un cheval national ; les coeurs vaillants.",
    6: "DEMANDEES PAR L'ETAT, les mesures d'urgence pour les EHPAD.",
    7: "Il finançait les écoles ; elles avaient été financées par l'État, à Saint-Denis.",
    8: "Le droit du travail. L'eau d'un côté, le droit de l'autre.",
    9: "Le droit à l'eau est un droit ; saint Paul n'est pas Denis.",
    10: "Selon l'article L. 123-4 du code rural, 12 000 hectares, soit 1 234 567 arbres.",
    11: "Selon l'article L123-4 du code rural : 12000 hectares en 2024 500 fois.",
    12: "Une dalle de quarante m² sur un étang², et de 3 km³.",
    13: "Un don de 15.000 euros, soit 2.345.678 francs ou 3.5 %.",
}
#: Of the 16th: forms of one stem.
FORMS = {1: "Le chant des troupes.", 2: "Des chants de Noël.", 3: "Chanter dans les troupes."}


def asking(number: int, text: str, rubrique: str = "animaux", legislature: int = 17) -> Node:
    heads = {"rubrique": rubrique, "teteAnalyse": None, "analyses": {"analyse": "divers"}}
    return question(legislature, "QE", number, answered=None, question_text=html.escape(text), **heads)


@pytest.fixture(scope="module")
def release(tmp_path_factory, pool) -> Path:
    """A release of the texts above, in the 17th, and an answer in the 14th."""
    folder = tmp_path_factory.mktemp("search")
    home = Home(Settings(folder / "home", ""), pool)
    asked = [asking(number, text) for number, text in TEXTS.items()]
    answered = question(14, "QE", 1, answered=date(2013, 1, 1), answer_text="Les pêcheurs bretons.", rubrique="énergie")
    forms = [asking(number, text, legislature=16) for number, text in FORMS.items()]
    archives = {"17/QE": asked, "16/QE": forms, "14/QE": [answered]}
    home.prepare(site(folder / "site", {name: archive_of(*nodes) for name, nodes in archives.items()}), day(0))
    home.load(day(0))
    return home.current()


@pytest.fixture(scope="module")
def connection(release) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(release, read_only=True) as opened:
        yield opened


@pytest.fixture
def found(connection) -> Callable[[str], set[int]]:
    """The numbers of the questions that a query finds in the 17th."""

    def ask(asked: str) -> set[int]:
        rows = connection.execute("SELECT question_number FROM search(?) WHERE legislature = 17", [asked]).fetchall()
        return {number for (number,) in rows}

    return ask


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("retraite", {1, 3}),  # plural, feminine
        ("retraités", {1, 3}),
        ("Retraites des agriculteurs", {1}),
        ("financer", {4, 7}),  # a form that no text has
        ("financeront", {4, 7}),
        ("finançables", {4, 7}),
        ("nationales", {5}),
        ("pensionnés", set()),
        ("finançait", {4, 7}),  # conjugated
        ("financées", {4, 7}),
        ("cheval", {5}),
        ("national", {5}),
        ("m2", {12}),  # raised figures, both ways
        ("m²", {12}),
        ("=KM³", {12}),
        ("étang", {12}),  # but that of a note
        ('"étang et de 3 km3"', {12}),
        ("oeuvre", {2}),  # ligatures, both ways
        ("ŒUVRE", {2}),
        ("cœurs", {5}),
        ("ecole", {2, 7}),  # without accents what is written with
        ("évariste", {2}),
        ("demandées", {6}),  # and with what is written without
        ("état", {6, 7}),
        ("l'état", {6, 7}),  # apostrophes, straight and not
        ("l’eau", {3, 8, 9}),
        ("d'eau", {3, 8, 9}),
        ("eau droit", {8, 9}),  # all words, in any order
        ("r&d", {4}),
        ("SNCF", {4}),
        ("s.n.c.f.", {4}),
        ("n° 12345", {4}),
        ("12345", {4}),
        ("1234", set()),
        ("ehpad", {6}),
        ('"droit à l\'eau"', {9}),  # phrases: in order, side by side, in any form
        ("« droit à l’eau »", {9}),
        ('"eau droit"', set()),
        ('"retraites agricoles"', {1}),
        ('"agricoles retraites"', set()),
        ("Saint-Denis", {7}),
        ("saint denis", {7, 9}),
        ("eau -travail", {3, 9}),  # exclusion
        ("eau -travaillées", {3, 9}),
        ("eau -écologie", {3, 8, 9}),
        ('eau -"droit à l\'eau"', {3, 8}),
        ("droit -droits", set()),
        ("eau -eaux -eau", set()),
        ("-eau", set()),  # nothing is asked for
        ("écologie", set()),  # no text has it
        ("eau écologie", set()),
        ("le de la l'", set()),  # little words only
        ("le eau", {3, 8, 9}),
        ("", set()),
        ("  \t\n", set()),
        ('"', set()),
        ('""', set()),
        ('"eau', {3, 8, 9}),  # a quote that is not closed is none
        ('eau"', {3, 8, 9}),
        ("- eau", {3, 8, 9}),
        ("eau; DROP TABLE questions --", set()),
        ("' OR 1 = 1 --", set()),
        ("eau % _ * ?", {3, 8, 9}),
        ("eau " * 500, {3, 8, 9}),
        ("L123-4", {10, 11}),  # articles of codes
        ("l. 123-4", {10, 11}),
        ("L.123-4", {10, 11}),
        ("L. 123\u20114", {10, 11}),
        ("saint\u2010denis", {7}),
        ("L 123-4", {10, 11}),
        ("article L. 123-4", {10, 11}),
        ('"L. 123-4 du code"', {10, 11}),
        ("rural -L. 123-4", set()),
        ("L123-5", set()),
        ("12000", {10, 11}),  # thousands, with and without spaces
        ("12 000", {10, 11}),
        ("12\u00a0000", {10, 11}),
        ('"12\u202f000 hectares"', {10, 11}),
        ("1234567", {10}),
        ("15000", {13}),
        ("15 000", {13}),
        ("15.000", {13}),
        ("2345678", {13}),
        ('"15 000 euros"', {13}),
        ("3.5", {13}),
        ("12", set()),
        ("2024", {11}),  # no thousands
        ("500", {11}),
        ("17/QE/5", {5}),  # keys
        ("17 qe 5", {5}),
        (" 17-QE-5 ", {5}),
        ("QANR5L17QE5", {5}),
        ("17/QE/999", set()),
        ("17/QE/9999999", set()),
        ("99/QE/5", set()),
        ("animaux cheval", {5}),  # the heading counts with the text
        ("divers potable", {3}),
    ],
)
def test_what_is_found(found, asked, numbers):
    assert found(asked) == numbers


def test_answers_and_headings_are_searched(release):
    for asked in ("pecheur", "énergie pêcheurs bretons", "ENERGIE"):
        assert query(release, f"SELECT {KEY} FROM search('{asked}')") == [(14, "QE", 1)]


def test_a_phrase_does_not_go_from_one_field_to_the_next(found):
    assert found("divers retraites") == {1, 3}
    assert found('"divers les retraites"') == set()


def test_rank_and_score(release):
    rows = query(release, "FROM search('retraite')")
    assert [rank for rank, *_ in rows] == [1, 2]
    assert rows[0][2:] == (17, "QE", 1)  # twice
    assert rows[0][1] > rows[1][1] > 0
    assert query(release, "FROM search('retraite', at_most := 1)") == rows[:1]
    assert query(release, "FROM search('retraite', at_most := NULL)") == rows
    assert query(release, "FROM fr.recherche('retraite')") == rows
    assert query(release, "FROM fr.recherche('retraite', au_plus := 1)") == rows[:1]


def test_headings_count_more_and_short_texts_too(home, tmp_path):
    long = "La retraite. " + "Rien à voir avec le sujet du jour. " * 60
    asked = [asking(1, "La retraite."), asking(2, long), asking(3, "La retraite.", rubrique="retraites")]
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(*asked)}), day(0))
    home.load(day(0))
    assert query(home.current(), "SELECT question_number FROM search('retraite') ORDER BY rank") == [(3,), (1,), (2,)]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("chant", {1, 2, 3}),
        ("=chant", {1}),
        ("=CHANTS", {2}),
        ("=chantez", set()),
        ("=chant troupes", {1}),
        ("=chanter =troupes", {3}),
        ('="chant des troupes"', {1}),
        ("chant -=chants", set()),  # what is excluded is so in any form
        ("=", set()),
    ],
)
def test_an_exact_form(connection, asked, numbers):
    rows = connection.execute("SELECT question_number FROM search(?) WHERE legislature = 16", [asked]).fetchall()
    assert {number for (number,) in rows} == numbers


@pytest.mark.parametrize(
    ("asked", "suggested"),
    [
        ("retrzite", [("retrzite", "retraite")]),
        ("Chevql agricoles", [("chevql", "cheval")]),
        ("potagle -xyzzy", [("potagle", "potable")]),
        ("xyzzyxyzzy", []),
        ("retraite", []),
        ("", []),
    ],
)
def test_a_word_that_no_text_has_gets_the_nearest(connection, asked, suggested):
    assert suggestions(connection, asked) == suggested
    assert connection.execute("FROM fr.vouliez_vous_dire(?)", [asked]).fetchall() == suggested


def test_any_plain_client_reads_it(release):
    """No extension is loaded, and none is looked for."""
    options = "autoload_known_extensions=false", "autoinstall_known_extensions=false"
    code = f"""import duckdb
with duckdb.connect({str(release)!r}, read_only=True, config=dict(one.split("=") for one in {options!r})) as connection:
    print(connection.execute("SELECT count(*) FROM search('eau')").fetchall())
    print(connection.execute("SELECT count(*) FROM duckdb_extensions() WHERE loaded AND extension_name = 'fts'").fetchall())"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[(4,)]", "[(0,)]"]


def test_macros_are_described(release):
    told = query(
        release,
        "SELECT function_name, comment FROM duckdb_functions() WHERE schema_name IN ('main', 'search') AND NOT internal",
    )
    assert {name for name, _ in told} >= {"search"}
    assert all(" — " in comment for _, comment in told)


# the index


@pytest.fixture(scope="module")
def grown(lived_once, tmp_path_factory, pool) -> list[tuple[Path, Path]]:
    """The days of `life`, then a made-up site on two mornings: the last release of each, and one made anew."""
    folder = tmp_path_factory.mktemp("grown")
    shutil.copytree(lived_once, folder / "life", symlinks=True)
    lived, sample = (Home(Settings(folder / name, ""), pool) for name in ("life", "sample"))
    for number in range(2):
        write_sample(folder / "site", questions=240, changes=30 * number)
        keep_few(folder / "site")
        sample.prepare(folder / "site", day(number))
        sample.load(day(number))
    made = []
    for home in (lived, sample):
        anew = folder / f"{home.settings.home.name}-anew"
        home.load(day(len(life.DAYS)), warehouse=anew, anew=True)
        made.append((home.current(), anew / "current.duckdb"))
    return made


def test_day_by_day_is_as_made_anew(grown):
    for day_by_day, anew in grown:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{day_by_day}' AS day_by_day (READ_ONLY); ATTACH '{anew}' AS anew (READ_ONLY)")
            for table in ("search.postings", "search.words"):
                one, other = f"FROM day_by_day.{table}", f"FROM anew.{table}"
                differ = f"({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})"
                assert connection.execute(differ).fetchall() == []
        for asked in ("réponse", '"la réponse corrigée"', "ministre -agriculture"):
            found = f"FROM search('{asked}')"
            assert query(day_by_day, found) == query(anew, found)
    assert query(grown[0][0], "SELECT count(*) FROM search('corrigée')") == [(0,)]  # the correction was taken back
    assert query(grown[0][0], "FROM search.words WHERE word = 'corrigee'") == []


def test_only_chunks_that_changed_are_written(tmp_path, pool):
    """The rows of the others keep their places in the file; enough of them that their row groups are not put together."""
    home = Home(Settings(tmp_path / "home", ""), pool)
    for number in (0, 1):
        write_sample(tmp_path / "site", questions=600, changes=20 * number)
        keep_few(tmp_path / "site")
        home.prepare(tmp_path / "site", day(number))
        home.load(day(number))
    before, after = (path_of(home.settings.warehouse, one.name) for one in releases(home.settings.warehouse))
    rows = "SELECT legislature, question_type, chunk, stem, rowid FROM search.postings"
    moved = set(query(after, rows)) - set(query(before, rows))
    assert {row[:2] for row in moved} == {(17, "QE")}


def test_it_is_cleared_once_more_of_it_is_dead_than_lives(tmp_path):
    """Nights on which some of many chunks changed: their rows lie among those of others, so no row group goes whole."""
    rows = """
        INSERT INTO search.postings
        SELECT 17, 'QE', chunk, format('s{{:05}}', stem), ['a'], [1], [1], [[1]]
        FROM range(3000) AS _(stem), range(36) AS of(chunk) WHERE chunk IN ({}) ORDER BY stem, chunk
    """
    size = "SELECT estimated_size FROM duckdb_tables() WHERE schema_name = 'search' AND table_name = 'postings'"
    path, stored, chosen = tmp_path / "warehouse.duckdb", [], random.Random(1)
    written = f"ROW_GROUP_SIZE {ADDED}"
    with _database(path, MEMORY) as connection, _attached(connection, path, written):
        for statement in ddl():
            connection.execute(statement)
        connection.execute(rows.format("FROM range(36)"))
    for _ in range(12):
        changed = ", ".join(map(str, chosen.sample(range(36), 6)))
        with _database(path, MEMORY) as connection, _attached(connection, path, written):
            connection.begin()
            make_room(connection)
            connection.execute(f"DELETE FROM search.postings WHERE chunk IN ({changed})")
            connection.execute(rows.format(changed))
            connection.commit()
        stored += [rows_ / (36 * 3000) for (rows_,) in query(path, size)]
    assert max(stored) < 2.5
    assert min(stored[stored.index(max(stored)) :]) < 1.2


def test_it_is_the_set_that_a_plain_reading_finds(grown):
    """Every stem of a made-up site's questions, and pairs of them, against Python that knows no index."""
    path = grown[1][0]
    rows = query(
        path, f"SELECT {KEY}, rubrique, tete_analyse, analyses, title, question_text, answer_text FROM questions"
    )
    stems = {}
    for *key, rubrique, tete, analyses, title, asked, answered in rows:
        texts = [
            " ".join(one for one in (rubrique, tete, *(analyses or ()), title) if one),
            asked or "",
            answered or "",
        ]
        stems[tuple(key)] = {word.stem for text in texts for word in words(text)} - {None}
    forms = query(path, "SELECT word, stem FROM search.words USING SAMPLE reservoir(60 ROWS) REPEATABLE (1)")
    of_word = dict[str, set[str]]()
    for word, stem in query(path, "FROM search.words"):
        of_word.setdefault(word, set()).add(stem)
    with duckdb.connect(path, read_only=True) as connection:
        for (one, _), (other, _) in pairwise(forms):
            wanted = {key for key, held in stems.items() if held & of_word[one] and held & of_word[other]}
            got = connection.execute(f"SELECT {KEY} FROM search(?)", [f"{one} {other}"]).fetchall()
            assert set(got) == wanted, (one, other)


# queries and words of any kind

ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PIECES = st.sampled_from(["=", "L. 1", "12 000", "17/QE/5", "eau", "l'État", '"', "-", '-"', " ", "œ", "'", "«", "droit", "&", ".", "S.N.C.F.", "\\", "%", "\x00", "n°", "ß", "(", "*"])  # fmt: skip


@given(ODD | st.lists(PIECES, max_size=12).map("".join))
def test_no_query_is_an_error(connection, asked):
    rows = find(connection, asked, [17], ["QE"], 3)
    assert [one.rank for one in rows] == list(range(1, len(rows) + 1))


FRENCH = st.text("lrdabcdeéèêëàâîïôûùüÿçœæ AÉÀŒÇ'’-.,;:!?°«»&0123456789\u00a0\u202f\u0301()/_€ß", max_size=60)


@given(FRENCH)
def test_queries_are_cut_as_texts_are(connection, text):
    [(cut,)] = connection.execute("SELECT search.cut(search.fold(?))", [text]).fetchall()
    assert cut == [word.folded for word in words(text)]


@given(ODD)
def test_folding_leaves_no_accent_and_changes_nothing_twice(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert not any(unicodedata.combining(one) for one in folded)


def test_little_words_are_folded_and_short():
    assert all(re.fullmatch("[a-z]+", word) and fold(word) == word for word in LITTLE)


# what `anq search` shows


def test_snippets_show_the_words(release):
    with duckdb.connect(release, read_only=True) as connection:
        [first, second] = find(connection, "agriculteurs -chevaux retraite", (), (), 10) + find(
            connection, "bretons", [14], ["QE"], 1
        )
    assert (
        first.snippet
        == "Les **retraites** des **agriculteurs** sont trop faibles : la **retraite** agricole doit être revalorisée."
    )
    assert (second.rank, second.legislature, second.snippet) == (1, 14, "Les pêcheurs **bretons**.")


def test_a_snippet_of_a_long_text_is_cut_at_words(home, tmp_path):
    text = "Rien à dire ici. " * 100 + "Le loup est là." + " Rien non plus là-bas." * 100
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(asking(1, text))}), day(0))
    home.load(day(0))
    with duckdb.connect(home.current(), read_only=True) as connection:
        [one] = find(connection, "loups loup", (), (), 5) or find(connection, "loup", (), (), 5)
        with pytest.raises(UsageError, match="no legislature 3"):
            find(connection, "loup", [3], (), 5)
    assert re.fullmatch(r"… .* Le \*\*loup\*\* est là\. .* …", one.snippet)
    assert len(one.snippet) < 400
    assert {len(part) for part in one.snippet.split()} <= {len(part) for part in (text + " **loup** … là-bas.").split()}
