"""Makes the tables and their rows: ``python -m bench.project.fill USERS ROWS``, ROWS for each."""

import sys

import django

django.setup()

# Models can be imported only after Django is set up.
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

from bench.project.models import Task  # noqa: E402


def fill(users: int, rows: int) -> None:
    """Users 1 to ``users`` with the tokens ``token-1`` and so on. The rows go round: the first is
    user 1's, and its score is 1 as well.
    """
    call_command("migrate", verbosity=0)
    call_command(
        "migrate", run_syncdb=True, verbosity=0
    )  # the app without migrations refers to users
    made = [User(pk=key, username=f"user-{key}") for key in range(1, users + 1)]
    User.objects.bulk_create(made)
    Token.objects.bulk_create([Token(key=f"token-{user.pk}", user=user) for user in made])
    turns = (number % users + 1 for number in range(users * rows))
    Task.objects.bulk_create(
        [Task(owner_id=turn, text=f"A task of user {turn}", score=turn) for turn in turns]
    )


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
