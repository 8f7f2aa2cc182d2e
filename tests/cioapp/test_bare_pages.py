"""What a browser is shown when the admin around the page is not there."""

import pytest
from django.test import Client

from cioapp.error_pages import bad_request, server_error


def test_a_stranger_is_told_that_there_is_no_such_page(db):
    response = Client().get("/nothing/here")
    page = response.content.decode()
    assert response.status_code == 404
    assert "There is no such page" in page
    assert "cioapp/bare.css" in page
    assert 'href="/admin/"' in page


def test_a_form_with_an_old_token_says_how_to_go_on(db):
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ada"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "This form is out of date" in page
    assert "what you typed is still there" in page


@pytest.mark.parametrize(
    ("view", "status", "title"),
    [
        (server_error, 500, "The server failed"),
        (lambda request: bad_request(request, Exception()), 400, "The request is malformed"),
    ],
)
def test_failures_answer_with_a_page_and_no_database(rf, view, status, title):
    response = view(rf.get("/admin/"))
    assert response.status_code == status
    assert title in response.content.decode()
