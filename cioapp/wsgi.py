"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from cioapp.checks import refuse_unsafe_settings
from operations.engine.collector import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
application = get_wsgi_application()
refuse_unsafe_settings()
# Load every page's code at the start: a mistake shows there, and the first visitor does not wait.
_ = get_resolver().url_patterns
spare_what_is_loaded()
