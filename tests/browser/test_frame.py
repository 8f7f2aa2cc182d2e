"""What stands around every page: where it is in the navigation, and names of any length."""

import pytest
from playwright.sync_api import Page, expect

from tests.make import make_type
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]


def test_the_navigation_shows_where_the_page_stands(page: Page, samples: Workspace) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto("/admin/auth/user/")
    expect(page.locator(".cio-nav [aria-current=page]")).to_be_in_viewport(ratio=1)


def test_long_and_hostile_names_of_types_stay_text_and_inside_the_page(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    make_type(samples, "<img src=x onerror=alert(1)>")
    number = make_type(samples, "W" * 100).number
    addresses = ("", "usage/", "imports/", "exports/", f"objects/object/?object_type={number}")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for address in addresses:
            page.goto(f"/admin/{address}")
            assert too_wide(page) == [], (address, width)
    assert complaints == []


def too_wide(page: Page) -> list[str]:
    """Name what reaches over the right edge of the page without a scroll bar of its own."""
    return page.evaluate("""() => [...document.querySelectorAll("#main a, #main td")]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
        && !each.closest(".cio-tabs"))
      .map((each) => each.outerHTML.slice(0, 80))""")
