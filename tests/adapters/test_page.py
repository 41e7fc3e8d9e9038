"""The page about the protocols says what the decision tables say."""

import difflib

from tests.adapters.render import COMMAND, PAGE, page


def test_the_page_is_up_to_date() -> None:
    committed = PAGE.read_text().splitlines(keepends=True)
    rendered = page().splitlines(keepends=True)
    difference = "".join(difflib.unified_diff(committed, rendered, str(PAGE), "the tables"))
    assert not difference, f"write it anew: {COMMAND}\n{difference}"
