"""Serializers of every make: nested, dotted, computed, personal, and such that write themselves."""

from typing import Any, ClassVar

from rest_framework import serializers

from tests.parity.cinema.models import Film, Genre, Person, Review, Role, Studio


class GenreSerializer(serializers.ModelSerializer[Genre]):
    """A genre with its name's path from the root."""

    path = serializers.SerializerMethodField()

    class Meta:
        model = Genre
        fields = ["id", "name", "parent", "path"]

    def get_path(self, genre: Genre) -> str:
        parent = genre.parent
        # Asks its own serializer for another row: that row is written in full.
        return f"{self.to_representation(parent)['path']}/{genre.name}" if parent else genre.name


class StudioSerializer(serializers.HyperlinkedModelSerializer[Studio]):
    """A studio, known by its URL."""

    class Meta:
        model = Studio
        fields = ["url", "name", "slug", "founded"]
        extra_kwargs: ClassVar[Any] = {"url": {"lookup_field": "slug"}}


class PersonSerializer(serializers.ModelSerializer[Person]):
    """A person; how many roles they had costs a query."""

    role_count = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["id", "name", "born", "role_count"]

    def get_role_count(self, person: Person) -> int:
        return person.roles.count()


class RoleSerializer(serializers.ModelSerializer[Role]):
    """A role with the person who plays it."""

    person = PersonSerializer()

    class Meta:
        model = Role
        fields = ["id", "character", "person"]


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A review; whether it is one's own depends on who asks."""

    author = serializers.SlugRelatedField(slug_field="username", read_only=True)  # type: ignore[var-annotated]  # the stubs want the type of the related model
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["id", "film", "author", "stars", "text", "mine"]

    def get_mine(self, review: Review) -> bool:
        return bool(review.author == self.context["request"].user)


class PublicReviews(serializers.ListSerializer[Any]):
    """Writes only what everybody may read."""

    def to_representation(self, data: Any) -> Any:
        return super().to_representation(data.filter(public=True).order_by("pk"))


class PublicReviewSerializer(ReviewSerializer):
    """A review as others see it."""

    class Meta(ReviewSerializer.Meta):
        list_serializer_class = PublicReviews


class FiguresSerializer(serializers.ModelSerializer[Film]):
    """A part of the film itself."""

    class Meta:
        model = Film
        fields = ["minutes", "budget", "gross", "is_long"]


class TitleSerializer(serializers.Serializer[Any]):
    """Of whatever has a title."""

    id = serializers.IntegerField()
    title = serializers.CharField()


class FilmCardSerializer(serializers.ModelSerializer[Film]):
    """A film, flat."""

    studio_name = serializers.CharField(source="studio.name", read_only=True)

    class Meta:
        model = Film
        fields = ["id", "title", "status", "studio", "studio_name", "genres"]


class FilmSerializer(serializers.ModelSerializer[Film]):
    """A film with everything around it."""

    studio = StudioSerializer()
    genres = GenreSerializer(many=True)
    roles = RoleSerializer(many=True)
    reviews = PublicReviewSerializer(many=True)
    figures = FiguresSerializer(source="*")
    stars = serializers.SerializerMethodField()
    lead = serializers.SerializerMethodField()

    class Meta:
        model = Film
        fields = [
            "id",
            "title",
            "status",
            "released",
            "added",
            "overture",
            "facts",
            "poster",
            "studio",
            "genres",
            "roles",
            "reviews",
            "figures",
            "stars",
            "lead",
        ]

    def get_stars(self, film: Film) -> list[int]:
        return [review.stars for review in film.reviews.order_by("pk")]

    def get_lead(self, film: Film) -> dict[str, Any] | None:
        role = film.roles.order_by("pk").first()
        # Asks another field of its serializer: the answer is whole, whatever is selected there.
        return self.fields["roles"].child.to_representation(role) if role else None  # type: ignore[attr-defined]  # a ListSerializer


class StampedFilmSerializer(FilmCardSerializer):
    """Writes its rows itself, from what its fields give."""

    class Meta(FilmCardSerializer.Meta):
        gql_extra: ClassVar[dict[str, Any]] = {"stamp": str}

    def to_representation(self, instance: Film) -> dict[str, Any]:
        row = super().to_representation(instance)
        return {**row, "stamp": f"{row['title']} ({row['status']})"}


class NarrowFilmSerializer(FilmCardSerializer):
    """Shows the fields that the client names in ``?fields=``."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        named = self.context["request"].query_params.get("fields")
        return fields if named is None else {name: fields[name] for name in named.split(",")}
