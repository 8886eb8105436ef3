from hypothesis import assume, given
from hypothesis import strategies as st

from etl.normalise.text import to_markdown


def rows(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()]


def test_a_merged_cell_stands_in_every_place_it_covers():
    table = to_markdown(
        "Voici :<!-- DEBTAB --><div align='center'><center><table border='1'><tr> <th rowspan=2\">TYPE</th>"
        ' <th colspan="2">NOMBRE<br>en service</br></th> <th rowspan=2">COÛT</th> </tr><tr> <th>2012</th>'
        " <th>2013</th> </tr><tr> <td align='center'>Pont</td> <td>10</td><td>12</td><td>194&#160;588</td>"
        "</tr></table></center></div><!-- FINTAB -->Fin."
    )
    assert table == (
        "Voici :\n\n"
        "| TYPE | NOMBRE en service | NOMBRE en service | COÛT |\n"
        "| --- | --- | --- | --- |\n"
        "| TYPE | 2012 | 2013 | COÛT |\n"
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


def laid_out(layout: list[list[tuple[int, int]]]) -> list[list[str]]:
    """The grid as a browser lays it out: cells "t0", "t1" … by row, of so many columns and rows; no row is dropped."""
    places: dict[tuple[int, int], str] = {}
    count = 0
    for row, cells_of_row in enumerate(layout):
        column = 0
        for colspan, rowspan in cells_of_row:
            while (row, column) in places:
                column += 1
            for down in range(rowspan):
                for right in range(colspan):
                    assume((row + down, column + right) not in places)  # two cells in a place: an error of the source
                    places[row + down, column + right] = f"t{count}"
            column += colspan
            count += 1
    width = max((column + 1 for row, column in places if row < len(layout)), default=0)
    return [[places.get((row, column), "") for column in range(width)] for row in range(len(layout))]


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=5))
def test_every_cell_stands_where_a_browser_puts_it(layout):
    written = [
        "".join(f"<td colspan={colspan} rowspan={rowspan}>t{{}}</td>" for colspan, rowspan in cells_of_row)
        for cells_of_row in layout
    ]
    count = sum(map(len, layout))
    table = "<table>" + "".join(f"<tr>{row}</tr>" for row in written).format(*range(count)) + "</table>"
    found = rows(to_markdown(table))
    found.pop(1)  # the line of dashes
    assert found == laid_out(layout)


def test_absurd_spans_do_not_swell_the_table():
    row = "<tr>" + '<td colspan="9999" rowspan="9999">x</td>' * 3 + "</tr>"
    assert len(to_markdown(f"<table>{row * 500}</table>")) < 500 * 300
    long = "<tr>" + f'<td colspan="64" rowspan="500">{"x" * 1000}</td>' + "<tr><td>y" * 500
    assert len(to_markdown(f"<table>{long}</table>")) < 250_000


def test_deep_nesting_ends():
    assert to_markdown("<table><tr><td>a" * 20_000).count("a") == 20_000
    assert to_markdown("<ul><li>a" * 5_000).count("a") == 5_000
