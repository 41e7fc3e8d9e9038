"""Ways to write who somebody is and what they may do."""

from typing import Any

from django.contrib.auth.models import Group
from rest_framework.authtoken.models import Token

from tests.convergence.tracker.models import Switch
from tests.convergence.tracker.views import BOARD
from tests.convergence.world import Choices, User, World, may_view


def flip_staff(world: World, choose: Choices) -> None:
    user = choose.one(User.objects)
    user.is_staff = not user.is_staff
    user.save()


def update_staff(world: World, choose: Choices) -> None:
    keys = [user.pk for user in choose.some(User.objects)]
    User.objects.filter(pk__in=keys).update(is_staff=choose.flag())


def flip_active(world: World, choose: Choices) -> None:
    user = choose.one(User.objects)
    user.is_active = not user.is_active
    user.save(update_fields=["is_active"])


def update_active(world: World, choose: Choices) -> None:
    keys = [user.pk for user in choose.some(User.objects)]
    User.objects.filter(pk__in=keys).update(is_active=choose.flag())


def rename_user(world: World, choose: Choices) -> None:
    user = choose.one(User.objects)
    user.username = world.word()
    user.save()


def rename_user_by_an_update(world: World, choose: Choices) -> None:
    User.objects.filter(pk=choose.one(User.objects).pk).update(username=world.word())


def delete_user(world: World, choose: Choices) -> None:
    choose.one(User.objects).delete()


def change_groups(world: World, choose: Choices) -> None:
    user, group = choose.one(User.objects), choose.one(Group.objects)
    if user.groups.filter(pk=group.pk).exists():
        user.groups.remove(group)
    else:
        user.groups.add(group)


def change_members_of_a_group(world: World, choose: Choices) -> None:
    group: Any = choose.one(Group.objects)
    users = choose.some(User.objects)
    if choose.flag():
        group.user_set.set(users)
    else:
        group.user_set.clear()


def write_the_groups_table(world: World, choose: Choices) -> None:
    user, group = choose.one(User.objects), choose.one(Group.objects)
    links = User.groups.through.objects
    if not links.filter(user=user, group=group).delete()[0]:
        links.bulk_create([User.groups.through(user=user, group=group)])


def change_permissions_of_a_group(world: World, choose: Choices) -> None:
    group = choose.one(Group.objects)
    if choose.flag():
        group.permissions.add(may_view())
    else:
        group.permissions.clear()


def change_permissions_of_a_user(world: World, choose: Choices) -> None:
    user = choose.one(User.objects)
    if choose.flag():
        user.user_permissions.add(may_view())
    else:
        user.user_permissions.remove(may_view())


def delete_group(world: World, choose: Choices) -> None:
    choose.one(Group.objects).delete()


def delete_token(world: World, choose: Choices) -> None:
    choose.one(Token.objects).delete()


def flip_the_switch(world: World, choose: Choices) -> None:
    switch, _ = Switch.objects.get_or_create(name=BOARD)
    switch.on = not switch.on
    switch.save()


def update_the_switch(world: World, choose: Choices) -> None:
    Switch.objects.update(on=choose.flag())


def delete_the_switch(world: World, choose: Choices) -> None:
    choose.one(Switch.objects).delete()


IDENTITY_WRITES = (
    flip_staff,
    update_staff,
    flip_active,
    update_active,
    rename_user,
    rename_user_by_an_update,
    delete_user,
    change_groups,
    change_members_of_a_group,
    write_the_groups_table,
    change_permissions_of_a_group,
    change_permissions_of_a_user,
    delete_group,
    delete_token,
)
SWITCH_WRITES = (flip_the_switch, update_the_switch, delete_the_switch)
"""What a permission reads in a table that no relation connects with what is shown."""
