"""Rows that are made of other rows, beside the same rows alone."""

from typing import Any

from django.db.models import QuerySet
from gql_live import RealtimeMixin
from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from bench.project.counters import COUNTED
from bench.project.models import Board, Card, Remark, Stray


class BoardSerializer(serializers.ModelSerializer[Board]):
    """A board."""

    class Meta:
        model = Board
        fields = ("id", "name")


class RemarkSerializer(serializers.ModelSerializer[Remark]):
    """A remark."""

    class Meta:
        model = Remark
        fields = ("id", "text")


class StraySerializer(serializers.ModelSerializer[Stray]):
    """A row that no relation leads to."""

    class Meta:
        model = Stray
        fields = ("id", "text")


class CardSerializer(serializers.ModelSerializer[Card]):
    """A card alone, counted each time that it is serialized."""

    class Meta:
        model = Card
        fields: tuple[str, ...] = ("id", "text", "done", "board")

    def to_representation(self, instance: Card) -> dict[str, Any]:
        COUNTED["serializer calls"] += 1
        return super().to_representation(instance)


class WholeCardSerializer(CardSerializer):
    """A card with what it is made of."""

    board_name = serializers.CharField(source="board.name", read_only=True)
    remarks = RemarkSerializer(many=True, read_only=True)

    class Meta(CardSerializer.Meta):
        fields = (*CardSerializer.Meta.fields, "board_name", "remarks")


class CardViewSet(RealtimeMixin, ModelViewSet[Card]):
    """Every card, alone."""

    queryset = Card.objects.all()
    serializer_class = CardSerializer


class WholeCardViewSet(RealtimeMixin, ModelViewSet[Card]):
    """The cards of one's own boards, with what they are made of."""

    queryset = Card.objects.none()
    serializer_class = WholeCardSerializer

    def get_queryset(self) -> QuerySet[Card]:
        cards = Card.objects.filter(board__owner=self.request.user.pk)
        return cards.select_related("board").prefetch_related("remarks")


class BoardViewSet(ModelViewSet[Board]):
    """Boards, to be written."""

    queryset = Board.objects.all()
    serializer_class = BoardSerializer


class RemarkViewSet(ModelViewSet[Remark]):
    """Remarks, to be written."""

    queryset = Remark.objects.all()
    serializer_class = RemarkSerializer


class StrayViewSet(ModelViewSet[Stray]):
    """Rows that no relation leads to, to be written."""

    queryset = Stray.objects.all()
    serializer_class = StraySerializer
