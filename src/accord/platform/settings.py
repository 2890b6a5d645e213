"""Django settings, read from the environment and the data directory; no secret stands here.

ACCORD_DATA_DIR   the data directory (default ./.accord)
ACCORD_DEMO       1 shows the DEMO banner and allows one-time links from the command line
The others are in accord.platform.configuration.
"""

from __future__ import annotations

import os
from pathlib import Path

from accord.platform import configuration
from accord.platform.db.config import django_database
from accord.platform.secrets import secret_bytes

ACCORD_DATA_DIR = Path(os.environ.get("ACCORD_DATA_DIR", ".accord")).absolute()
ACCORD_DEMO = os.environ.get("ACCORD_DEMO") == "1"
_WEB = configuration.web()
_TLS = ACCORD_TLS = _WEB.tls
ACCORD_PUBLIC_URL = configuration.public_url()
ACCORD_QUICK_CHECK_REVIEW_PERCENT = configuration.number("ACCORD_QUICK_CHECK_REVIEW_PERCENT", 10)
ACCORD_API_RATE = max(1, configuration.number("ACCORD_API_RATE", 600))  # a minute, for each token
ACCORD_SIGN_IN_MISSES = max(5, configuration.number("ACCORD_SIGN_IN_MISSES", 30))
ACCORD_WEBHOOK_KEPT_DAYS = max(1, configuration.number("ACCORD_WEBHOOK_KEPT_DAYS", 30))
ACCORD_TSA_URL = configuration.timestamp_url()
ACCORD_TSA_CERT = configuration.timestamp_certificates()
ACCORD_OBJECT_STORE = os.environ.get("ACCORD_OBJECT_STORE", "")
ACCORD_PDF_FONTS = configuration.pdf_fonts()
ACCORD_LARGEST_FILE_GB = max(1, configuration.number("ACCORD_LARGEST_FILE_GB", 1024))
ACCORD_EVIDENCE_QUOTA_GB = configuration.number("ACCORD_EVIDENCE_QUOTA_GB", 0)
ACCORD_UPLOADS_AT_ONCE = max(1, configuration.number("ACCORD_UPLOADS_AT_ONCE", 20))
ACCORD_UPLOAD_DAYS = max(1, configuration.number("ACCORD_UPLOAD_DAYS", 7))
ACCORD_REREAD_MB_S = max(1, configuration.number("ACCORD_REREAD_MB_S", 20))
ACCORD_REREAD_DAYS = max(1, configuration.number("ACCORD_REREAD_DAYS", 30))
ACCORD_LIVE_PORT = os.environ.get("ACCORD_LIVE_PORT")  # set by the commands that start a node
ACCORD_LIVE = "/live/" if _TLS else f":{ACCORD_LIVE_PORT}/live/" if ACCORD_LIVE_PORT else None
"""Where pages find the live process: on their own origin behind a proxy, else on a port beside."""

SECRET_KEY = secret_bytes(ACCORD_DATA_DIR, "django.key", 48).hex()
DEBUG = False
ALLOWED_HOSTS = [*_WEB.hosts, *(["testserver"] if ACCORD_DEMO else [])]

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "accord.platform",
    "accord.ledger",
    "accord.agencies",
    "accord.identity",
    "accord.agreements",
    "accord.records",
    "accord.evidence",
    "accord.cases",
    "accord.assistance",
    "accord.exchange",
    "accord.exchange.webhooks",
    "accord.web",
    "accord.desk",
]

MIDDLEWARE = [
    "accord.platform.requestlog.middleware",
    "accord.web.language.middleware",
    "accord.platform.http.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "accord.platform.http.refuse_plain",
    "accord.platform.http.static_files",
    "accord.ledger.serving.middleware",
    "accord.platform.http.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accord.platform.http.RefuseUndeclared",
    "accord.desk.middleware.Errors",
    "accord.desk.middleware.actor",
    "accord.desk.middleware.SetUpFirst",
    "accord.desk.middleware.StepUp",
]

ROOT_URLCONF = "accord.api.urls"
WSGI_APPLICATION = "accord.platform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [str(folder) for folder in sorted(Path(__file__).parents[1].glob("*/templates"))],
        "OPTIONS": {
            "environment": "accord.web.jinja.environment",
            "context_processors": ["accord.desk.context.page"],
        },
    }
]

DATABASES = {
    "default": django_database(ACCORD_DATA_DIR, "accord_app"),
    "migrate": django_database(ACCORD_DATA_DIR, "accord_migrate"),
}
ATOMIC_REQUESTS = False

SESSION_ENGINE = "accord.platform.sessions"
SESSION_COOKIE_NAME = "accord_session"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_NAME = "accord_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accord.desk.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = _WEB.hsts_seconds
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["accord.platform.uploads.LimitedMemoryUpload"]

STATIC_URL = "/static/"
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "accord.platform.logs.JsonLines",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}, "waitress.queue": {"level": "ERROR"}},
}
