"""The WSGI application that `accord serve` and `accord demo` run."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from accord.platform.frames import in_one_piece

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.platform.settings")
application = in_one_piece(get_wsgi_application())
len(get_resolver().url_patterns)  # pages and API are loaded by asking for their routes, once
