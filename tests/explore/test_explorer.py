"""The explorer as a person uses it: `anq explore`, and a real browser."""

from __future__ import annotations

import csv
import re
import shutil

import duckdb
import pytest
from playwright.sync_api import Page, expect

from etl.explore import french
from etl.explore.plots import PLOTS
from etl.warehouse.release import current, path_of, swap
from tests.explore.conftest import UID

NARROW = 375  # pixels
CHART = ".vega-embed canvas, .vega-embed svg"


def rows(home, sql: str) -> list[tuple]:
    with duckdb.connect(str((home / "warehouse" / "current.duckdb").resolve()), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator(".anq-count").inner_text()))


def focused(page: Page) -> str:
    """What the keyboard is on: its value, else its text."""
    return page.evaluate(
        "() => { let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
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
    expect(page.locator(".anq-header")).to_contain_text("collectées le 1er septembre 2026")
    expect(page.locator(".anq-header")).to_contain_text("Données fictives")
    footer = page.locator(".anq-footer").inner_text()
    for told in (
        "Assemblée nationale, data.assemblee-nationale.fr",
        "Licence Ouverte / Etalab 2.0",
        current(home / "warehouse").name,
    ):
        assert told in footer
    assert total(page) == rows(home, "SELECT count(*) FROM questions")[0][0]
    expect(page.locator(".anq-rows > li")).to_have_count(20)


def test_a_facet_narrows_and_the_others_follow(visit, home):
    page = visit()
    narrowed = "legislature = 16"
    page.get_by_label("Législature").select_option(label=f"16e législature ({total_of(home, narrowed)})")
    expect(page.locator(".anq-count")).to_have_text(re.compile(rf"^{total_of(home, narrowed)}\s"))
    for label, condition in (("Statut", "status = 'lapsed'"), ("Type", "question_type = 'QE'")):
        narrowed = f"{narrowed} AND {condition}"
        count = total_of(home, narrowed)
        shown = page.get_by_label(label).locator("option", has_text=f"({count})")
        expect(shown).to_have_count(1)
        page.get_by_label(label).select_option(label=shown.inner_text())
        expect(page.locator(".anq-count")).to_have_text(re.compile(rf"^{count}\s"))
    assert "legislature=16" in page.url and "statut=lapsed" in page.url
    page.reload()
    page.locator(".anq-rows").wait_for()
    assert french.number(total(page)) == count, "the address is the selection"
    page.go_back()
    expect(page.get_by_label("Type")).to_have_value("Tous")


def total_of(home, condition: str) -> str:
    return french.number(rows(home, f"SELECT count(*) FROM questions WHERE {condition}")[0][0])


def test_a_period_is_chosen_by_its_days(visit, home):
    page = visit("?du=2025-01-01&au=2025-01-31")
    assert (
        total(page)
        == rows(
            home,
            "SELECT count(*) FROM questions WHERE coalesce(question_date, answer_date) BETWEEN '2025-01-01' AND '2025-01-31'",
        )[0][0]
    )
    page.get_by_role("spinbutton", name="jour, Du").press_sequentially("15")
    expect(page).to_have_url(re.compile("du=2025-01-15"))


def test_a_search_finds_and_a_question_opens(visit, home):
    page = visit()
    page.get_by_label("Rechercher").fill("agriculteurs")
    page.keyboard.press("Enter")
    found = rows(home, "SELECT count(*) FROM search('agriculteurs')")[0][0]
    expect(page.locator(".anq-count")).to_have_text(re.compile(rf"^{found}\s"))
    best = rows(home, "FROM search('agriculteurs') ORDER BY rank LIMIT 1")[0]
    expect(page.locator(".anq-rows > li").first).to_contain_text(f"n°\u00a0{best[-1]},")
    heading = page.locator(".anq-rows button").first.inner_text()
    page.locator(".anq-rows button").first.click()
    expect(page.locator(".anq-question h2")).to_have_text(heading)
    page.get_by_role("button", name="Retour").click()
    expect(page.locator(".anq-count")).to_have_text(re.compile(rf"^{found}\s"))
    page.get_by_label("Rechercher").fill(UID.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".anq-rows > li")).to_have_count(1)
    page.get_by_label("Rechercher").fill("rien de xyztel")
    page.keyboard.press("Enter")
    expect(page.locator(".anq-count")).to_have_text("Aucune question")


def test_any_address_shows_a_page(visit):
    page = visit("?legislature=abc&type=QE&type=QG&mots=a&mots=&vue=x&vue=y&du=hier&page=0&statut=%00'")
    expect(page.locator(".anq-count")).to_have_text("Aucune question")


def test_pages_are_turned(visit, home):
    page = visit()
    keys = (
        "SELECT question_number FROM questions ORDER BY coalesce(question_date, answer_date) DESC NULLS LAST, "
        "legislature DESC, question_type, question_number DESC LIMIT 1 OFFSET 20"
    )
    page.get_by_role("button", name="Suivantes").click()
    expect(page.locator(".anq-rows > li").first).to_contain_text(f"n°\u00a0{rows(home, keys)[0][0]},")
    page.get_by_role("button", name="Précédentes").click()
    expect(page.get_by_role("button", name="Précédentes")).to_be_disabled()


def test_a_question_is_shown_with_its_whole_life(visit):
    page = visit(f"?question={UID}")
    lines = [re.sub(r"\s+", " ", one) for one in page.locator(".anq-timeline li").all_inner_texts()]
    assert lines == [
        "1er octobre 2024 Question publiée Journal officiel, page 11",
        "15 octobre 2024 Question publiée de nouveau Journal officiel, page 12, erratum : Lire « eau ».",
        "5 novembre 2024 Changement d’attribution de Culture à Justice",
        "1er décembre 2024 Échéance de deux mois",
        "10 décembre 2024 Signalée par un président de groupe réponse due sous dix jours",
        "24 décembre 2024 Renouvelée par son auteur",
        "25 février 2025 Réponse publiée Journal officiel, page 99",
    ]
    expect(page.locator(".anq-facts")).to_contain_text("147 jours, au-delà des deux mois")
    expect(visit("?question=QANR5L1QE1").locator("main, body")).to_contain_text(
        "Aucune question ne porte cet identifiant"
    )


def test_what_the_source_wrote_is_shown_and_not_run(visit):
    page = visit(f"?question={UID}")
    text = page.locator(".anq-text").first
    expect(text).to_contain_text("3 < 5")
    expect(text).to_contain_text("<script>")
    expect(text.locator("em")).to_have_text("paragraphe")
    expect(text.locator("td")).to_have_text(["2024", "12"])
    assert text.locator("a").evaluate_all("all => all.map(one => one.href)") == [
        "http://evil.example/b.png",
        "https://www.example.org/x",
    ]
    assert page.locator("article img, article script, article marimo-button").count() == 0
    assert page.title() != "owned"
    page = visit(f"?mots={UID}")
    expect(page.locator(".anq-rows button")).to_contain_text("<script>")
    assert page.title() != "owned"


def test_each_plot_shows_its_sql_and_gives_its_data(visit, home):
    page = visit()
    for plot in PLOTS.values():
        page.get_by_role("button", name=plot.tab).click()
        expect(page.get_by_role("heading", level=2)).to_have_text(plot.title)
        page.locator(CHART).first.wait_for()
        sql = page.locator(".anq-sql code").text_content()
        assert "legislature = 17" in sql
        with page.expect_download() as download:
            page.get_by_text("Données (CSV)").click()
        told = list(csv.reader(download.value.path().open(encoding="utf-8", newline="")))
        asked = rows(home, sql)
        assert len(asked) > 3
        assert told[1:] == [["" if value is None else str(value) for value in row] for row in asked]
    page.get_by_label("Législature").select_option(label="15e législature")
    expect(page.locator(".anq-sql code")).to_contain_text("legislature = 15")
    page.reload()
    expect(page.get_by_role("heading", level=2)).to_have_text(plot.title)


def test_the_keyboard_is_enough(visit):
    page = visit()
    press_until(page, "mots, numéro")
    press_until(page, "Toutes")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".anq-count")).not_to_contain_text("3\u202f000")
    assert focused(page).startswith("17e législature"), "the list that was used keeps the keyboard"
    press_until(page, page.locator(".anq-rows button").first.inner_text())
    page.keyboard.press("Enter")
    page.locator(".anq-question h2").wait_for()
    assert focused(page) == page.locator(".anq-question h2").inner_text()
    page.keyboard.press("Shift+Tab")
    assert "Retour" in focused(page)
    page.keyboard.press("Enter")
    page.locator(".anq-rows").wait_for()
    press_until(page, "Délais")
    page.keyboard.press("Enter")
    page.locator(CHART).first.wait_for()
    press_until(page, "Requête SQL")
    page.keyboard.press("Enter")
    expect(page.locator(".anq-sql code")).to_be_visible()


def test_a_phone_shows_all_without_moving_sideways(visit):
    page = visit(f"?question={UID}", width=NARROW)
    page.locator(".anq-timeline").wait_for()
    assert beyond(page) == []
    for name in ("Questions", *(plot.tab for plot in PLOTS.values())):
        page.get_by_role("button", name=name, exact=True).click()
        page.locator(".anq-rows" if name == "Questions" else CHART).first.wait_for()
        page.locator(".anq-sql summary").click()
        assert beyond(page) == [], name
        assert page.evaluate("document.scrollingElement.scrollWidth") == NARROW


def beyond(page: Page) -> list[str]:
    """What is cut at the right, but for SQL and tables, which scroll by themselves."""
    return page.evaluate(
        """() => {
          const found = [];
          const look = root => root.querySelectorAll("*").forEach(one => {
            const box = one.getBoundingClientRect();
            const cut = box.width && box.right > innerWidth + 1 && !one.closest("pre, .anq-text table");
            if (cut) found.push(one.outerHTML.slice(0, 200));
            if (one.shadowRoot) look(one.shadowRoot);
          });
          look(document);
          return found;
        }"""
    )


def test_a_new_release_is_shown_on_reload(visit, home):
    page = visit()
    warehouse = home / "warehouse"
    name = current(warehouse).name
    later = shutil.copytree(path_of(warehouse, name).parent, warehouse / "releases" / "20300101T000000Z-deadbeef")
    note = later / "release.json"
    note.write_text(note.read_text().replace(name, later.name))
    swap(warehouse, later.name)
    try:
        page.get_by_role("button", name="Suivantes").click()
        expect(page.locator(".anq-pager")).to_contain_text("2 sur")
        expect(page.locator(".anq-footer")).to_contain_text(name)
        page.reload()
        expect(page.locator(".anq-footer")).to_contain_text(later.name)
    finally:
        swap(warehouse, name)
        shutil.rmtree(later)
    assert sorted(one.name for one in (warehouse / "releases" / name).iterdir()) == ["anq.duckdb", "release.json"]
