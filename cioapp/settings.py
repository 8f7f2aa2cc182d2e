"""Django settings, read top to bottom: the environment first, then what follows from it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from whitenoise.compress import Compressor

from cioapp.secret_key import load_or_make_secret_key
from data_in.formats.upload import FORMATS

django_stubs_ext.monkeypatch()

# Everything an installation can set. The README lists the names.
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("CIO_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = env.bool("CIO_DEBUG", default=False)
PUBLIC_URL = env.str("CIO_PUBLIC_URL", default="").rstrip("/")
EXTRA_HOSTS: list[str] = env.list("CIO_ALLOWED_HOSTS", default=[])
IS_BEHIND_PROXY = env.bool("CIO_BEHIND_PROXY", default=False)
# Read as it stands: django-environ would take a key that starts with "$" for another name.
SECRET_KEY = env.ENVIRON.get("CIO_SECRET_KEY") or load_or_make_secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS: list[str] = env.list("CIO_SECRET_KEY_FALLBACKS", default=[])

DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
POOL_MAX_CONNECTIONS = env.int("CIO_POOL_MAX_CONNECTIONS", default=20)
STATEMENT_TIMEOUT_SECONDS = env.int("CIO_STATEMENT_TIMEOUT_SECONDS", default=30)
STATIC_IS_COLLECTED = env.bool("CIO_STATIC_COLLECTED", default=False)
ACTIVITY_DAYS = env.int("CIO_ACTIVITY_DAYS", default=90)  # 0 keeps the log for ever
UNDO_DAYS = env.int("CIO_UNDO_DAYS", default=30)  # 0: as long as the log is kept
AUDIT_DAYS = env.int("CIO_AUDIT_DAYS", default=730)  # so does 0 here
FAILED_TOKENS_PER_MINUTE = env.int("CIO_FAILED_TOKENS_PER_MINUTE", default=30)  # 0: no limit
HEALTH_MAX_WAITING_SECONDS = env.int("CIO_HEALTH_MAX_WAITING_SECONDS", default=0)  # 0: no limit
# Servers and networks inside that may be called all the same: names, or 10.0.0.0/8.
OUTBOUND_ALLOW: list[str] = env.list("CIO_OUTBOUND_ALLOW", default=[])
FILE_MAX_BYTES = env.int("CIO_FILE_MAX_BYTES", default=2 * 1024**3)  # of one file to import
EXPORT_DAYS = env.int("CIO_EXPORT_DAYS", default=7)  # so long the file of an export is kept
IMPORT_FILE_DAYS = env.int("CIO_IMPORT_FILE_DAYS", default=30)
RELATE_DRAFT_DAYS = env.int("CIO_RELATE_DRAFT_DAYS", default=7)
RELATE_MAX_PAIRS = env.int("CIO_RELATE_MAX_PAIRS", default=5_000_000)
LOG_LEVEL = env.str("CIO_LOG_LEVEL", default="INFO")

# Applications.
INSTALLED_APPS = [
    # Not "unfold" alone, which would put its own admin site in the place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "cioapp.apps.CioAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
    "workspaces",
    "operations",
    "people",
    "objects",
    "relationships",
    "data_in",
    "data_out",
]
MIDDLEWARE = [
    "cioapp.middleware.PrivateApiMiddleware",
    "cioapp.middleware.HttpsApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cioapp.middleware.RollingSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cioapp.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cioapp.urls"
WSGI_APPLICATION = "cioapp.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # Django keeps compiled templates in memory by itself, also in debug
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Databases: SQLite without any set-up, PostgreSQL by DATABASE_URL.
DATABASE: dict[str, Any] = env.db_url_config(DATABASE_URL)
IS_SQLITE = DATABASE["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    DATABASE["OPTIONS"] = {
        # A transaction that first reads and then writes would fail at once when another writes.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL, not NORMAL: an acknowledged call must survive a power cut.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA journal_size_limit=67108864;"
            # 32 MB of cache and a longer log: an import touches index pages all over the file,
            # and each checkpoint writes the same ones again.
            "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=8000;"
        ),
        **DATABASE.get("OPTIONS", {}),
    }
    # A file, because threads that share a database in memory lock each other out of its tables.
    DATABASE["TEST"] = {"NAME": DATA_DIR / f"test-{os.getpid()}.sqlite3"}
else:
    DATABASE["TEST"] = {"NAME": f"test_cio_{os.getpid()}"}
    DATABASE["CONN_HEALTH_CHECKS"] = True
    DATABASE["OPTIONS"] = {
        "pool": {"min_size": 2, "max_size": POOL_MAX_CONNECTIONS, "timeout": 10},
        "options": (
            "-c timezone=UTC -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
            f" -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s"
        ),
        **DATABASE.get("OPTIONS", {}),
    }
    if POOL_MAX_CONNECTIONS == 0:
        del DATABASE["OPTIONS"]["pool"]
        DATABASE["CONN_MAX_AGE"] = None
DATABASES = {"default": DATABASE}

# Signing in to the admin.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = 12 * 60 * 60  # renewed while in use, see RollingSessionMiddleware
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "cioapp.client_address.find_client_address"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Addresses and headers: an https address turns on what production needs.
IS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *EXTRA_HOSTS]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # asked from beside the server, behind the proxy
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
if IS_HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
if IS_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Other hosts of the domain are not ours to decide about: no HSTS for subdomains, no preloading.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Unfold's Alpine evaluates expressions and sets styles; it needs no inline script.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Static files: straight from the packages, or collected, hashed and compressed.
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "cioapp" / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_IS_COLLECTED
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Words and times: stored in UTC, shown in the member's zone.
LANGUAGE_CODE = "en-us"
USE_I18N = False  # no translation is there yet, and looking for one is a seventh of a list's time
USE_TZ = True
TIME_ZONE = "UTC"

# What may be forgotten: it lies in the memory of each web process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# Background work.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# The product's own REST API.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "operations.doors.rest_access.BearerAuthentication",
        "operations.doors.rest_access.MemberAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["operations.doors.rest_access.WorkspacePermission"],
    "DEFAULT_PARSER_CLASSES": ["operations.doors.rest_parser.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "operations.doors.rest_renderers.MemberPages",
    ],
    "DEFAULT_FILTER_BACKENDS": ["operations.doors.rest_filters.WorkspaceFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "operations.doors.rest_pages.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "operations.doors.rest_failures.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "STRICT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CIO Objects API",
    "DESCRIPTION": "People, objects and the relationships between them. Times are Unix seconds.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "operations.doors.rest_schema.strip_slashes",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Import and export. Without the two permission codes anyone on the staff may do both.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "change"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_USE_TRANSACTIONS = False  # the engine opens the one transaction
IMPORT_EXPORT_SKIP_ADMIN_LOG = True  # it would log row by row; the activity log has them all
IMPORT_EXPORT_FORMATS = list(FORMATS)
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = False  # it would drop a leading "=" from the data

# The look of the admin.
UNFOLD = {
    "SITE_TITLE": "CIO Objects",
    "SITE_HEADER": "CIO Objects",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("cioapp/icon.svg"),
        }
    ],
    "STYLES": [
        lambda request, name=name: static(f"cioapp/{name}.css")
        for name in (
            "theme",
            "controls",
            "frame",
            "lists",
            "conditions",
            "views",
            "pages",
            "values",
            "panel",
            "previews",
            "forms",
            "home",
            "bulk",
            "palette",
            "neighbourhood",
            "tasks",
            "data-index",
            "narrow",
        )
    ],
    "SCRIPTS": [
        lambda request, name=name: static(f"cioapp/{name}.js")
        for name in ("admin", "palette", "keys", "neighbourhood", "tasks")
    ],
    "SITE_URL": None,  # there is no site besides the admin
    "SHOW_HISTORY": False,  # the activity tab knows every door
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "SIDEBAR": {"navigation": "cioapp.navigation.build_navigation"},
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .002 260)",
            "100": "oklch(96.4% .003 260)",
            "200": "oklch(92.2% .005 260)",
            "300": "oklch(86.6% .007 260)",
            "400": "oklch(70.2% .012 260)",
            "500": "oklch(54.4% .014 260)",
            "600": "oklch(44.2% .014 260)",
            "700": "oklch(35.6% .013 260)",
            "800": "oklch(26.4% .011 260)",
            "900": "oklch(18.6% .009 260)",
            "950": "oklch(14.2% .008 260)",
        },
        "primary": {
            "50": "oklch(97% .014 277)",
            "100": "oklch(94% .03 277)",
            "200": "oklch(88% .06 277)",
            "300": "oklch(80% .1 277)",
            "400": "oklch(71% .15 277)",
            "500": "oklch(62% .19 277)",
            "600": "oklch(53% .21 277)",
            "700": "oklch(47% .2 277)",
            "800": "oklch(40% .17 277)",
            "900": "oklch(34% .13 277)",
            "950": "oklch(25% .1 277)",
        },
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "cioapp.log.OneLineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},
    },
}
