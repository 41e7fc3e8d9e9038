"""What a reader may ask tasks by."""

from django.forms import NumberInput
from django_filters import rest_framework as filters

from todolist.models import List, Task


class TaskFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """`?done=`, `?priority=` and `?list=`."""

    # A number to type in: the browsable API's menu would show the names of everybody's lists.
    list = filters.ModelChoiceFilter(queryset=List.objects.all(), widget=NumberInput)

    class Meta:
        model = Task
        fields = ("done", "list", "priority")
