from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.table import Grid
from etl.normalise.text import to_markdown


def rows(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()]


def test_spans_keep_the_columns_in_line():
    table = to_markdown(
        "Voici :<!-- DEBTAB --><div align='center'><center><table border='1'><tr> <th rowspan=2\">TYPE</th>"
        ' <th colspan="2">NOMBRE<br>en service</br></th> <th rowspan=2">COÛT</th> </tr><tr> <th>2012</th>'
        " <th>2013</th> </tr><tr> <td align='center'>Pont</td> <td>10</td><td>12</td><td>194&#160;588</td>"
        "</tr></table></center></div><!-- FINTAB -->Fin."
    )
    assert table == (
        "Voici :\n\n"
        "| TYPE | NOMBRE en service | | COÛT |\n"
        "| --- | --- | --- | --- |\n"
        "| | 2012 | 2013 | |\n"
        "| Pont | 10 | 12 | 194 588 |\n\n"
        "Fin."
    )


def test_cells_without_end_tags_and_rows_of_unequal_length():
    assert to_markdown("<TABLE><TR><TD>a<TD>b<TR><TD>c</TABLE>") == "| a | b |\n| --- | --- |\n| c | |"


def test_a_pipe_a_break_and_a_list_in_a_cell():
    assert to_markdown("<table><tr><td>a|b<br/>c<ul><li>d</li></ul></td></tr></table>") == ("| a\\|b c d |\n| --- |")


def test_a_nested_table_is_part_of_its_cell():
    table = "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table>d</td><td>e</td></tr></table>f"
    assert to_markdown(table) == "| a b c d | e |\n| --- | --- |\n\nf"


def test_a_table_that_nothing_ends():
    assert to_markdown("<table><tr><td>a</td></tr></div>Suite.<p>Fin.</p>") == "| a |\n| --- |\n\nSuite.\n\nFin."
    assert to_markdown("<table><tr><td>a<!-- FINTAB -->Suite.") == "| a |\n| --- |\n\nSuite."


def test_a_caption_and_an_empty_table():
    assert to_markdown("<table><caption>Titre</caption><tr><td>1</td></tr></table>") == "Titre\n\n| 1 |\n| --- |"
    assert to_markdown("a<table><tr><td> </td></tr></table>b") == "a\n\nb"


cells = st.tuples(st.integers(1, 3), st.integers(1, 5))


@given(st.lists(st.lists(cells, max_size=4), max_size=5))
def test_every_cell_is_there_in_order_and_the_lines_are_even(layout):
    grid, texts = Grid(), []
    for cells_of_row in layout:
        grid.start_row()
        for colspan, rowspan in cells_of_row:
            texts.append(f"t{len(texts)}")
            grid.add(texts[-1], colspan, rowspan)
    lines = rows(grid.to_markdown())
    assert len({len(line) for line in lines}) <= 1
    assert [cell for line in lines for cell in line if cell and cell != "---"] == texts


def test_absurd_spans_do_not_swell_the_table():
    row = "<tr>" + '<td colspan="9999" rowspan="9999">x</td>' * 3 + "</tr>"
    assert len(to_markdown(f"<table>{row * 500}</table>")) < 500 * 300


def test_deep_nesting_ends():
    assert to_markdown("<table><tr><td>a" * 20_000).count("a") == 20_000
    assert to_markdown("<ul><li>a" * 5_000).count("a") == 5_000
