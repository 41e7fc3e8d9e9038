"""Where the cinema's views are mounted."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.parity.cinema import views

rest = DefaultRouter()
rest.register("films", views.FilmViewSet)
rest.register("cards", views.FilmCardViewSet, "card")
rest.register("stamped", views.StampedFilmViewSet, "stamped")
rest.register("narrow", views.NarrowFilmViewSet, "narrow")
rest.register("studios", views.StudioViewSet)
rest.register("people", views.PersonViewSet)
rest.register(r"films/(?P<film_pk>\d+)/reviews", views.ReviewViewSet)

urlpatterns = [
    path("", include(rest.urls)),
    path("kept/", views.KeptFilmList.as_view(), name="kept"),
    path("first/", views.FirstFilm.as_view(), name="first"),
    path("last/<int:pk>/", views.LastFilm.as_view(), name="last"),
    path("top/", views.TopFilmList.as_view(), name="top"),
    path("edge/", views.EdgeFilmList.as_view(), name="edge"),
    path("pile/", views.FilmPileList.as_view(), name="pile"),
    path("titles/", views.FilmTitleList.as_view(), name="titles"),
    path("genres/", views.GenreList.as_view(), name="genre-list"),
    path("genres/<int:pk>/", views.GenreDetail.as_view(), name="genre-detail"),
    path("desk/", views.ReviewDesk.as_view(), name="desk"),
]
