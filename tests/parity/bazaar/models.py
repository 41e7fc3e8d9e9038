"""Traders, their wares and their vehicles: columns of packages that many projects use."""

from typing import Any, ClassVar

from django.db import models
from django_countries.fields import CountryField
from djmoney.models.fields import MoneyField
from phonenumber_field.modelfields import PhoneNumberField
from polymorphic.models import PolymorphicModel
from taggit.managers import TaggableManager
from timezone_field import TimeZoneField

Amount: Any = MoneyField  # the package has no types


class Trader(models.Model):
    """Who sells: where from, and how to reach them."""

    name = models.CharField(max_length=50)
    phone: Any = PhoneNumberField()
    second_phone: Any = PhoneNumberField(blank=True)
    country: Any = CountryField()
    birthplace: Any = CountryField(null=True)
    zone: Any = TimeZoneField(choices_display="STANDARD")
    summer_zone: Any = TimeZoneField(null=True)

    def __str__(self) -> str:
        return self.name


class Section(models.Model):
    """A part of the bazaar, with parts of its own."""

    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")

    def __str__(self) -> str:
        return self.name


class Ware(models.Model):
    """What is sold."""

    trader = models.ForeignKey(Trader, models.CASCADE, related_name="wares")
    section = models.ForeignKey(Section, models.SET_NULL, null=True)
    name = models.CharField(max_length=50)
    price: Any = Amount(max_digits=10, decimal_places=2, default_currency="EUR")
    old_price: Any = Amount(max_digits=10, decimal_places=2, null=True, default_currency=None)
    tags: Any = TaggableManager(blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    def __str__(self) -> str:
        return self.name


class Vehicle(PolymorphicModel):
    """What wares come with."""

    name = models.CharField(max_length=50)
    owner = models.ForeignKey(Trader, models.SET_NULL, null=True)

    def __str__(self) -> str:
        return str(self.name)


class Cart(Vehicle):
    """A vehicle on wheels."""

    wheels = models.PositiveSmallIntegerField()
    load = models.PositiveIntegerField(null=True)


class Boat(Vehicle):
    """A vehicle that swims."""

    length = models.FloatField()
    load = models.BigIntegerField()
