"""Every address of the product, from the resolver, with a row of the first workspace in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import cioapp.app_urls
import data_in.track_urls

# Addresses without a name: old ones of the admin that redirect, and those that are no page.
NAMELESS = {
    "admin/{app}/{model}/<path:object_id>/",
    "admin/(?P<url>.*)$",
    "api",
    "api/^",
}


# Doors for programs with keys of their own kind, which no role of a member opens:
# tests/track/test_keys.py asks all of them.
KEYED = (data_in.track_urls, cioapp.app_urls)


@dataclass(frozen=True, slots=True)
class Address:
    """One named address, and what its path has to be filled with."""

    name: str
    route: str
    keys: tuple[str, ...]


def every_address() -> list[Address]:
    """List the named addresses; one without a name must be known as such."""
    found = []
    for namespace, pattern, route in _walk(get_resolver()):
        if pattern.name is None:
            assert _without_model(route) in NAMELESS, f"give {route} a name"
            continue
        name = f"{namespace}:{pattern.name}" if namespace else pattern.name
        keys = tuple(pattern.pattern.regex.groupindex)
        found.append(Address(name=name, route=route, keys=keys))
    return found


def path_of(address: Address, rows: dict[str, Any]) -> str:
    """Fill in the keys of the first workspace's rows."""
    found = {key: _value(address, key, rows) for key in address.keys}
    return reverse(address.name, kwargs=found)


def _value(address: Address, key: str, rows: dict[str, Any]) -> Any:
    model = _model_of(address.name)
    for known in (f"{address.name}.{key}", f"{model}.{key}", key):
        if known in rows:
            return rows[known]
    raise AssertionError(
        f'{address.name} needs a value for "{key}"; name one in tests/roles/rows.py'
    )


def _model_of(name: str) -> str:
    """Give `people_person` for every page of people."""
    own = name.removeprefix("admin:")
    for model in admin.site._registry:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}"
        if own.startswith(f"{prefix}_"):
            return prefix
    return ""


def _without_model(route: str) -> str:
    return re.sub(r"^admin/\w+/\w+/(<path)", r"admin/{app}/{model}/\1", route)


def _walk(
    resolver: Any, namespace: str = "", prefix: str = ""
) -> Iterator[tuple[str, URLPattern, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if getattr(pattern, "urlconf_module", None) in KEYED:
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, pattern.namespace or namespace, route)
        else:
            yield namespace, pattern, route
