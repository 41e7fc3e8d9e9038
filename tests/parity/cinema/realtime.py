"""Found by gql_live in every process."""

from gql_live import RealtimeRouter
from tests.parity.cinema import views

router = RealtimeRouter()
router.register_all(
    [
        views.FilmViewSet,
        views.StudioViewSet,
        views.PersonViewSet,
        views.GenreList,
        views.GenreDetail,
        views.ReviewViewSet,
    ]
)
router.register(views.FilmCardViewSet, "card")
router.register(views.StampedFilmViewSet, "stampedFilm")
router.register(views.NarrowFilmViewSet, "narrowFilm")
router.register(views.KeptFilmList, "keptFilm")
router.register(views.FirstFilm, "firstFilm")
router.register(views.LastFilm, "lastFilm")
router.register(views.TopFilmList, "topFilm")
router.register(views.EdgeFilmList, "edgeFilm")
router.register(views.FilmPileList, "filmInPile")
router.register(views.FilmTitleList, "filmTitle")
router.register(views.ReviewDesk, "deskReview")
