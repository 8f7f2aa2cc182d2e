"""Ready-made object types to start from, each with its names and its icon."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Preset:
    """The names and the icon of a kind of things that many workspaces have."""

    key: str
    name: str | Promise
    singular_name: str | Promise
    icon: str


PRESETS = (
    Preset("companies", _("Companies"), _("Company"), "apartment"),
    Preset("accounts", _("Accounts"), _("Account"), "account_balance"),
    Preset("courses", _("Courses"), _("Course"), "school"),
    Preset("subscriptions", _("Subscriptions"), _("Subscription"), "subscriptions"),
    Preset("teams", _("Teams"), _("Team"), "groups"),
    Preset("stores", _("Stores"), _("Store"), "storefront"),
    Preset("properties", _("Properties"), _("Property"), "home_work"),
    Preset("products", _("Products"), _("Product"), "inventory_2"),
    Preset("orders", _("Orders"), _("Order"), "receipt_long"),
    Preset("devices", _("Devices"), _("Device"), "devices"),
    Preset("vehicles", _("Vehicles"), _("Vehicle"), "directions_car"),
    Preset("events", _("Events"), _("Event"), "event"),
)


def find_preset(key: str) -> Preset | None:
    """Find the preset that an address names."""
    return next((preset for preset in PRESETS if preset.key == key), None)
