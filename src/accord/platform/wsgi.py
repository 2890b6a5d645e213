"""The WSGI application that `accord serve` and `accord demo` run."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.platform.settings")
application = get_wsgi_application()
