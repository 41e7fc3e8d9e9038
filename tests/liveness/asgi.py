"""What a server imports: the test project, once Django is set up, which pytest does elsewhere."""

import django
from django.utils.module_loading import import_string

django.setup()
application = import_string("tests.asgi.application")
