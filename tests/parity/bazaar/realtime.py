"""Found by gql_live in every process."""

from gql_live import RealtimeRouter
from tests.parity.bazaar import views

router = RealtimeRouter()
router.register_all(
    [views.TraderViewSet, views.SectionViewSet, views.WareViewSet, views.VehicleViewSet]
)
router.register(views.FlexWareViewSet, "flexWare")
router.register(views.TypedVehicleViewSet, "typedVehicle")
