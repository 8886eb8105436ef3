"""The explorer as a person uses it: `anq explore`, and a real browser."""

from __future__ import annotations

import re
import shutil
from urllib.parse import quote

import duckdb
import pytest
from playwright.sync_api import Page, expect

from etl.explore import french
from etl.explore.plots import PLOTS
from etl.files.sealed import seal, unseal
from etl.warehouse.release import current, path_of, swap
from tests.explore.conftest import DEPUTY, FAMILY, TEXTLESS, UID

NARROW = 375  # pixels


def rows(home, sql: str) -> list[tuple]:
    with duckdb.connect(str((home / "warehouse" / "current.duckdb").resolve()), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator(".count").inner_text()))


def total_of(home, condition: str) -> str:
    return french.number(rows(home, f"SELECT count(*) FROM questions WHERE {condition}")[0][0])


def focused(page: Page) -> str:
    """What the keyboard is on: the choice of a list, else the text, else what a field asks for."""
    return page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.tagName === 'SELECT' ? e.selectedOptions[0].text : e.innerText || e.placeholder || '' }"
    )


def press_until(page: Page, text: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if text in focused(page):
            return
    pytest.fail(f"Tab never comes to {text}")


def test_the_first_page_says_what_it_shows(visit, home):
    page = visit()
    assert page.evaluate("document.documentElement.lang") == "fr"
    expect(page.get_by_role("heading", level=1)).to_contain_text("questions des députés")
    expect(page.locator("header")).to_contain_text("collectées le 1er septembre 2026")
    expect(page.locator("header")).to_contain_text("Données fictives")
    footer = page.locator("footer").inner_text()
    for text in (
        "Assemblée nationale, data.assemblee-nationale.fr",
        "Licence Ouverte / Etalab 2.0",
        current(home / "warehouse").name,
    ):
        assert text in footer
    assert total(page) == rows(home, "SELECT count(*) FROM questions")[0][0]
    expect(page.locator(".rows > li")).to_have_count(20)


@pytest.mark.parametrize("query", ["", f"?question={UID}", "?vue=delais"])
def test_nothing_has_the_keyboard_before_it_is_used(query, visit):
    assert visit(query).evaluate("document.activeElement === document.body")


def test_a_facet_narrows_and_the_others_follow(visit, home):
    page = visit()
    narrowed = "legislature = 16"
    page.get_by_label("Législature").select_option(label=f"16e législature ({total_of(home, narrowed)})")
    expect(page.locator(".count")).to_have_text(re.compile(rf"^{total_of(home, narrowed)}\s"))
    for label, condition in (("Statut", "status = 'lapsed'"), ("Type", "question_type = 'QE'")):
        narrowed = f"{narrowed} AND {condition}"
        count = total_of(home, narrowed)
        shown = page.get_by_label(label).locator("option", has_text=f"({count})")
        expect(shown).to_have_count(1)
        page.get_by_label(label).select_option(label=shown.inner_text())
        expect(page.locator(".count")).to_have_text(re.compile(rf"^{count}\s"))
    assert page.url.endswith("/?legislature=16&type=QE&statut=lapsed"), "the address has what was chosen, and no more"
    assert page.title().startswith("16e législature, Question écrite, Caduque")
    page.reload()
    assert french.number(total(page)) == count, "the address is the selection"
    page.go_back()
    expect(page.get_by_label("Type")).to_have_value("")
    expect(page.get_by_label("Statut")).to_have_value("lapsed")


def test_a_period_is_chosen_by_its_days(visit, home):
    between = "coalesce(question_date, answer_date) BETWEEN '2025-01-{}' AND '2025-01-31'"
    page = visit("?du=2025-01-01&au=2025-01-31")
    assert french.number(total(page)) == total_of(home, between.format("01"))
    page.get_by_label("Du", exact=True).fill("2025-01-15")
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator(".count")).to_have_text(re.compile(rf"^{total_of(home, between.format('15'))}\s"))
    assert page.url.endswith("?du=2025-01-15&au=2025-01-31")


def test_a_search_finds_and_a_question_opens(visit, home):
    page = visit()
    page.get_by_label("Rechercher").fill("agriculteurs")
    page.keyboard.press("Enter")
    found = rows(home, "SELECT count(*) FROM search('agriculteurs')")[0][0]
    expect(page.locator(".count")).to_have_text(re.compile(rf"^{found}\s"))
    best = rows(home, "FROM search('agriculteurs') ORDER BY rank LIMIT 1")[0]
    expect(page.locator(".rows > li").first).to_contain_text(f"n°\u00a0{best[-1]},")
    heading = page.locator(".rows h3 a").first.inner_text()
    page.locator(".rows h3 a").first.click()
    expect(page.locator(".question h2")).to_have_text(heading)
    page.get_by_role("link", name="Retour").click()
    expect(page.locator(".count")).to_have_text(re.compile(rf"^{found}\s"))
    page.get_by_label("Rechercher").fill(UID.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".rows > li")).to_have_count(1)
    page.get_by_label("Rechercher").fill("rien de xyztel")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("Aucune question")


def test_a_result_shows_where_its_words_are(visit):
    page = visit("?mots=agriculteurs eau")
    for excerpt in page.locator(".excerpt").all():
        expect(excerpt.locator("mark").first).to_have_text(re.compile("^(agricult|eau)", re.IGNORECASE))


def test_results_are_sorted_by_rank_or_by_day(visit, home):
    page = visit("?mots=agriculteurs")
    page.get_by_role("link", name="date", exact=True).click()
    expect(page.locator(".order strong")).to_have_text("date")
    newest = (
        "SELECT question_number FROM search('agriculteurs') JOIN questions USING (legislature, question_type, question_number) "
        "ORDER BY coalesce(question_date, answer_date) DESC, legislature DESC, question_type, question_number DESC LIMIT 3"
    )
    for row, (number,) in zip(page.locator(".rows > li").all(), rows(home, newest), strict=False):
        expect(row).to_contain_text(f"n°\u00a0{number},")
    assert "tri=date" in page.url
    page.get_by_role("link", name="pertinence").click()
    assert page.url.endswith("?mots=agriculteurs")
    expect(visit("").locator(".order")).to_have_count(0)


def test_any_address_shows_a_page(visit):
    page = visit("?legislature=abc&type=QE&type=QG&mots=a&mots=&page=0&statut=%00'&tri=x")
    expect(page.locator(".count")).to_have_text("Aucune question")
    for query, problem in (
        ("?vue=x", "Il n’y a pas de vue « x »."),
        ("?vue=familles&format=csv", "Cette page n’est pas là comme fichier « csv »."),
        (f"?question={UID}&format=xlsx", "Cette page n’est pas là comme fichier « xlsx »."),
        ("?question=QANR5L1QE1", "Aucune question ne porte l’identifiant « QANR5L1QE1 »."),
        ("?depute=x", "Aucun auteur ne porte l’identifiant « x »."),
        ("?famille=x", "Il n’y a pas de famille « x »."),
        ("?du=2024-02-30", "« 2024-02-30 » n’est pas un jour ; écrivez-le comme 2024-02-29."),
        ("?legislature=17&au=hier&format=csv", "« hier » n’est pas un jour ; écrivez-le comme 2024-02-29."),
        ("?vue=flux&legislature=99", "Aucune question de la législature « 99 »."),
        (
            "?vue=stock&au=9999-12-31",
            "« 9999-12-31 » n’est pas un jour des données, qui vont du 3 juillet 2012 au 1er septembre 2026.",
        ),
        (
            "?vue=stock&au=hier",
            "« hier » n’est pas un jour des données, qui vont du 3 juillet 2012 au 1er septembre 2026.",
        ),
        ("?vue=flux&legislature=17&au=2013-01-01&format=png", "Aucune question à cette date."),
        ("?format=zip", "Cette page n’existe pas sous la forme « zip »."),
        ("?vue=flux&format=atom", "Cette page n’existe pas sous la forme « atom »."),
        ("autre", "Il n’y a pas de page à cette adresse."),
    ):
        page = visit(query)
        expect(page.get_by_role("alert")).to_have_text(french.typeset(problem))


def test_pages_are_turned(visit, home):
    page = visit()
    keys = (
        "SELECT question_number FROM questions ORDER BY coalesce(question_date, answer_date) DESC NULLS LAST, "
        "legislature DESC, question_type, question_number DESC LIMIT 1 OFFSET 20"
    )
    page.get_by_role("link", name="Suivantes").click()
    expect(page.locator(".rows > li").first).to_contain_text(f"n°\u00a0{rows(home, keys)[0][0]},")
    assert page.url.endswith("/?page=2") and "page 2" in page.title()
    page.get_by_role("link", name="Précédentes").click()
    assert page.url.endswith("/")
    expect(page.get_by_role("link", name="Précédentes")).to_have_count(0)


def test_a_link_opens_in_another_tab(visit, context):
    page = visit("?legislature=17&page=2")
    link = page.locator(".rows h3 a").first
    with context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value.locator(".question h2")).to_have_text(link.inner_text())
    opened.value.close()
    assert page.url.endswith("?legislature=17&page=2")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Délais", exact=True).click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", level=2)).to_have_text(PLOTS["delais"].title)
    opened.value.close()


def test_the_list_is_found_again_where_it_was_left(visit):
    page = visit("?statut=pending&page=2")
    link = page.locator(".rows h3 a").nth(15)
    heading = link.inner_text()
    link.click()
    expect(page.locator(".question h2")).to_have_text(heading)
    page.get_by_role("link", name="Retour").click()
    expect(page.locator(".rows > li").nth(15)).to_be_in_viewport()
    assert re.search(r"\?statut=pending&page=2#QANR5L", page.url)
    page.locator(".rows h3 a").nth(15).click()
    page.locator(".question").wait_for()
    page.go_back()
    expect(page.locator(".rows h3 a").nth(15)).to_be_in_viewport()


def test_each_page_has_its_title(visit):
    ends = " — Questions au Gouvernement"
    for query, title in (
        ("", "Questions"),
        ("?mots=eau&statut=pending", "« eau », En attente"),
        (f"?question={TEXTLESS}", "Question écrite n°\u00a02, 17e\u00a0législature"),
        (
            "?vue=stock&legislature=16&au=2024-01-31",
            "Questions en attente, mois par mois, 16e législature, vu au 31 janvier 2024",
        ),
        (f"?depute={DEPUTY}", "Mme Zoé L'Étoile-Xyz"),
        (f"?famille={quote(FAMILY)}&type=QG", f"{FAMILY}, Question au Gouvernement"),
        ("?vue=x", "Il n’y a pas de vue « x »."),
    ):
        assert visit(query).title().endswith(title + ends)


def test_a_question_is_shown_with_its_whole_life(visit):
    page = visit(f"?question={UID}")
    lines = [re.sub(r"\s+", " ", line) for line in page.locator(".timeline li").all_inner_texts()]
    assert lines == [
        "1er octobre 2024 Question publiée Journal officiel, page 11",
        "15 octobre 2024 Question publiée de nouveau Journal officiel, page 12, erratum : Lire « eau ».",
        "5 novembre 2024 Changement d’attribution de Culture à Justice",
        "1er décembre 2024 Échéance de deux mois",
        "10 décembre 2024 Signalée par un président de groupe réponse due sous dix jours",
        "24 décembre 2024 Renouvelée par son auteur",
        "25 février 2025 Réponse publiée Journal officiel, page 99",
    ], "a new id of the same ministry is no change"
    expect(page.locator(".facts")).to_contain_text("147 jours, au-delà des deux mois")
    boxes = [event.bounding_box() for event in page.locator(".timeline li > div").all()]
    days = [day.bounding_box() for day in page.locator(".timeline time").all()]
    assert len({box["x"] for box in boxes}) == 1
    assert min(box["x"] for box in boxes) >= max(day["x"] + day["width"] for day in days)


def test_an_answer_without_its_text_is_told(visit):
    page = visit(f"?question={TEXTLESS}")
    expect(page.locator(".badge")).to_have_text("Répondue, texte manquant")
    expect(page.locator(".missing")).to_have_text("Cette question a une réponse, dont la source n’a pas le texte.")
    expect(visit(f"?mots={TEXTLESS}").locator(".badge")).to_have_text("Répondue, texte manquant")
    expect(visit(f"?question={UID}").locator(".missing")).to_have_count(0)


def test_what_the_source_wrote_is_shown_and_not_run(visit):
    page = visit(f"?question={UID}")
    text = page.locator(".text").first
    expect(text).to_contain_text("3 < 5")
    expect(text).to_contain_text("<script>")
    expect(text.locator("em")).to_have_text("paragraphe")
    expect(text.locator("td")).to_have_text(["2024", "12"])
    assert text.locator("a").evaluate_all("all => all.map(link => link.href)") == [
        "http://evil.example/b.png",
        "https://www.example.org/x",
    ]
    assert page.locator("article img, article script").count() == 0
    assert page.title() != "owned"
    page = visit(f"?mots={UID}")
    expect(page.locator(".rows h3 a")).to_contain_text("<script>")
    assert page.title() != "owned"


def test_a_deputy_has_a_page(visit, home):
    page = visit(f"?question={UID}")
    page.locator(".facts a").click()
    expect(page.locator(".subject h2")).to_have_text("Mme Zoé L'Étoile-Xyz")
    expect(page.locator(".subject")).to_contain_text("Groupe Zébu")
    expect(page.locator(".subject")).to_contain_text("Gironde")
    assert french.number(total(page)) == total_of(home, f"deputy_id = '{DEPUTY}'")
    by_type = rows(
        home,
        "SELECT legislature || 'e', question_type, count(*)::VARCHAR FROM questions "
        f"WHERE deputy_id = '{DEPUTY}' AND question_type <> 'QG' GROUP BY ALL ORDER BY any_value(legislature) DESC, question_type",
    )
    cells = [re.split(r"\t", line)[:3] for line in page.locator(".subject tbody tr").all_inner_texts()]
    assert cells == [list(row) for row in by_type]
    page.get_by_label("Type").select_option("QG")
    expect(page.locator(".count")).to_contain_text(total_of(home, f"deputy_id = '{DEPUTY}' AND question_type = 'QG'"))
    expect(page.locator(".subject h2")).to_have_text("Mme Zoé L'Étoile-Xyz")


def test_a_deputy_is_found_by_name(visit):
    page = visit("?mots=zoe etoile")
    page.locator(".authors").get_by_role("link", name="Zoé L'Étoile-Xyz").click()
    expect(page.locator(".subject h2")).to_have_text("Mme Zoé L'Étoile-Xyz")
    expect(visit("?mots='").locator(".authors")).to_have_count(0)


def test_a_family_of_ministries_has_a_page(visit, home):
    page = visit()
    page.get_by_role("link", name="Familles").click()
    page.get_by_role("link", name=FAMILY).click()
    expect(page.locator(".subject h2")).to_have_text(FAMILY)
    justice = total_of(home, "ministry = 'Justice'")
    expect(page.locator(".subject")).to_contain_text(f"Justice ({justice})")
    assert french.number(total(page)) == justice


def test_a_plot_is_wholly_in_its_address(visit, home):
    page = visit()
    with page.expect_navigation():  # to its end: the list's script is there then
        page.get_by_role("link", name="En attente").click()
    last = rows(home, "SELECT greatest(max(question_date), max(answer_date)) FROM questions WHERE legislature = 17")[0][
        0
    ]
    expect(page.get_by_label("Vu au", exact=True)).to_have_value(str(last))
    page.get_by_role("combobox", name="Législature").select_option(label="15e législature")
    expect(page.locator(".sql code")).to_contain_text("legislature = 15")
    page.get_by_label("Vu au", exact=True).fill("2020-03-31")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_label("Vu au", exact=True)).to_have_value("2020-03-31")
    assert page.url.endswith("/?vue=stock&legislature=15&au=2020-03-31")
    page.reload()
    expect(page.locator(".sql code")).to_contain_text("DATE '2020-03-31'")
    page.get_by_role("link", name="Flux").click()
    assert page.url.endswith("/?vue=flux&legislature=15&au=2020-03-31")
    page.go_back()
    expect(page.get_by_role("combobox", name="Législature")).to_have_value("15")


@pytest.mark.parametrize("view", PLOTS)
def test_a_plot_is_read_without_a_mouse(view, visit, home):
    page = visit(f"?vue={view}")
    picture = page.get_by_role("img", name=f"{PLOTS[view].title}, 17e législature, vu au 25 août 2026")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 500")
    asked = rows(home, page.locator(".sql code").text_content())
    assert len(asked) > 3
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(len(asked) + 1)
    assert page.locator("thead").inner_text().count("_") == 0
    region = page.get_by_role("region", name=PLOTS[view].title)
    region.focus()
    assert page.evaluate("document.activeElement.scrollHeight") > 0
    for row, cells in zip(asked, page.get_by_role("table").locator("tbody tr").all(), strict=True):
        shown = cells.inner_text()
        assert all(french.number(value) in shown for value in row if type(value) is int)


def test_the_two_months_are_marked_only_where_they_are_the_rule(visit):
    expect(visit("?vue=delais&legislature=17").locator(".note")).to_contain_text("pointillé marque 61 jours")
    note = visit("?vue=delais&legislature=14").locator(".note")
    expect(note).to_contain_text("il était d’un mois auparavant")
    expect(note).not_to_contain_text("pointillé")


def test_the_keyboard_is_enough(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au contenu"
    press_until(page, "mots, numéro")
    press_until(page, "Toutes")
    with page.expect_navigation(url=re.compile("legislature=17")):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".count")).not_to_contain_text("3\u202f000")
    assert focused(page).startswith("17e législature"), "the list that was used keeps the keyboard"
    press_until(page, page.locator(".rows h3 a").first.inner_text())
    page.keyboard.press("Enter")
    page.locator(".question h2").wait_for()
    press_until(page, "Retour")
    with page.expect_navigation():  # to its end: the browser goes to the list's place last
        page.keyboard.press("Enter")
    page.locator(".rows").wait_for()
    page.keyboard.press("Tab")
    assert focused(page) == page.locator(".rows h3 a").first.inner_text(), "the keyboard is where it was in the list"
    page = visit()
    press_until(page, "Délais")
    page.keyboard.press("Enter")
    page.locator("figure img").wait_for()
    press_until(page, "Requête SQL")
    page.keyboard.press("Enter")
    expect(page.locator(".sql code")).to_be_visible()


def test_it_works_without_its_script(browser, address, home):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Législature").select_option("16")
        page.get_by_role("button", name="Afficher").click()
        assert page.url == f"{address}/?legislature=16"
        assert french.number(total(page)) == total_of(home, "legislature = 16")


def test_a_phone_shows_all_without_moving_sideways(visit):
    queries = ["", "?mots=agriculteurs", f"?question={UID}", f"?depute={DEPUTY}", *(f"?vue={view}" for view in PLOTS)]
    for query in queries:
        page = visit(query, width=NARROW)
        for summary in page.locator(".sql summary").all():
            summary.click()
        assert beyond(page) == [], query
        assert page.evaluate("document.scrollingElement.scrollWidth") == NARROW
        for picture in page.locator("figure img").all():
            assert "largeur=340" in picture.evaluate("image => image.currentSrc")
            assert picture.bounding_box()["width"] > 300, "its letters are of a size to read"


def beyond(page: Page) -> list[str]:
    """What is cut at the right, but for SQL and tables, which scroll by themselves."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")]
          .filter(part => !part.closest("pre, .text table, .scroll, .skip"))
          .filter(part => part.getBoundingClientRect().width && part.getBoundingClientRect().right > innerWidth + 1)
          .map(part => part.outerHTML.slice(0, 200))"""
    )


def test_a_new_release_is_shown_by_the_next_page(visit, home):
    page = visit()
    warehouse = home / "warehouse"
    name = current(warehouse).name
    later = shutil.copytree(path_of(warehouse, name).parent, warehouse / "releases" / "20300101T000000Z-deadbeef")
    note = later / "release.json"
    note.write_bytes(seal(unseal(note.read_bytes()).replace(name.encode(), later.name.encode())))
    swap(warehouse, later.name)
    try:
        page.get_by_role("link", name="Suivantes").click()
        expect(page.locator(".pager")).to_contain_text("2 sur")
        expect(page.locator("footer")).to_contain_text(later.name)
    finally:
        swap(warehouse, name)
        shutil.rmtree(later)
    page.reload()
    expect(page.locator("footer")).to_contain_text(name)
    assert sorted(path.name for path in (warehouse / "releases" / name).iterdir()) == ["anq.duckdb", "release.json"]
