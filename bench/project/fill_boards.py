"""Fills tables that are there: ``python -m bench.project.fill_boards BOARDS CARDS REMARKS``: so
many boards of user 1, CARDS for each, REMARKS for each of those.
"""

import sys

import django

django.setup()

# Models can be imported only after Django is set up.
from bench.project.models import Board, Card, Remark, Stray  # noqa: E402


def fill(boards: int, cards: int, remarks: int) -> None:
    """Rows with keys from 1 on: the first remark is of the first card, that is on the first
    board.
    """
    Stray.objects.create(text="A row that no relation leads to")
    Board.objects.bulk_create([Board(owner_id=1, name=f"Board {each}") for each in range(boards)])
    board_keys = Board.objects.values_list("pk", flat=True)
    Card.objects.bulk_create(
        [
            Card(board_id=key, text=f"A card of board {key}")
            for key in board_keys
            for _ in range(cards)
        ]
    )
    card_keys = Card.objects.values_list("pk", flat=True)
    Remark.objects.bulk_create(
        [Remark(card_id=key, text=f"Of card {key}") for key in card_keys for _ in range(remarks)]
    )


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
