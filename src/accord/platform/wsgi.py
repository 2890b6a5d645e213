"""The WSGI application that `accord serve` and `accord demo` run."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.platform.settings")
application = get_wsgi_application()
len(get_resolver().url_patterns)  # pages and API are loaded by asking for their routes, once
