"""The only list of what is mounted where."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cioapp.api_urls import api_root
from cioapp.health import show_health

# The doors for programs, one line each: path("api/", include("data_in.urls")) and the like.
API_URLS: list[URLPattern | URLResolver] = [
    path("", include("data_in.track_urls")),
    path("v1/", include("cioapp.app_urls")),
    path("api", api_root),
    path("api/", include("cioapp.api_urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", show_health, name="health"),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    *API_URLS,
]

handler400 = "cioapp.error_pages.bad_request"
handler403 = "cioapp.error_pages.permission_denied"
handler404 = "cioapp.error_pages.page_not_found"
handler500 = "cioapp.error_pages.server_error"
