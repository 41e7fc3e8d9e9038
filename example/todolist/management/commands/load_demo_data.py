"""`manage.py load_demo_data`: two people, their tokens, and lists to play with."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from rest_framework.authtoken.models import Token

from todolist.models import List, Task

PEOPLE = ("ada", "grace")

# Name of the list: (owner, members, tasks as (text, priority, done)).
LISTS: dict[str, tuple[str, tuple[str, ...], tuple[tuple[str, str, bool], ...]]] = {
    "Analytical Engine": (
        "ada",
        ("grace",),
        (
            ("Write Note G", "high", True),
            ("Punch the cards for the Bernoulli numbers", "high", False),
            ("Order a spare set of gears", "normal", False),
            ("Invite Mr Babbage to tea", "low", False),
        ),
    ),
    "Ada's own": (
        "ada",
        (),
        (("Practise the harp", "normal", False), ("Feed the cat", "high", False)),
    ),
    "Compiler room": (
        "grace",
        (),
        (("Find the moth in relay 70", "high", True), ("Finish the A-0 manual", "normal", False)),
    ),
}


class Command(BaseCommand):
    """Adds what is missing; leaves what people have changed since as it is."""

    help = "Add the demo's users (password = name, token = demo-NAME), lists and tasks if missing."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        new_people = [name for name in PEOPLE if not User.objects.filter(username=name).exists()]
        for name in new_people:
            user = User.objects.create_user(username=name, password=name)
            Token.objects.create(user=user, key=f"demo-{name}")
        if new_people:
            self._add_lists()

    def _add_lists(self) -> None:
        for name, (owner, members, tasks) in LISTS.items():
            found, created = List.objects.get_or_create(
                name=name, owner=User.objects.get(username=owner)
            )
            if not created:
                continue
            found.members.set(User.objects.filter(username__in=members))
            for text, priority, done in tasks:
                Task.objects.create(list=found, text=text, priority=priority, done=done)
