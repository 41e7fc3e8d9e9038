"""A command that writes a row and ends."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tests.publish.library.models import Shelf


class Command(BaseCommand):
    """Adds a shelf."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        Shelf.objects.create(name=options["name"])
