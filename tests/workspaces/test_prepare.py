"""The first start makes what is missing, and a later start nothing."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from objects.models import ObjectType
from tests.make import make_type
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def prepare(*arguments):
    shown = StringIO()
    call_command("prepare", *arguments, stdout=shown)
    return shown.getvalue()


def test_the_first_user_gets_a_password_that_is_shown_once(monkeypatch):
    monkeypatch.delenv("CIO_ADMIN_PASSWORD", raising=False)
    password = prepare().partition("Password: ")[2].split()[0]
    assert User.objects.get(username="admin").check_password(password)
    assert prepare() == ""


def test_a_given_password_is_taken_and_not_shown(monkeypatch):
    monkeypatch.setenv("CIO_ADMIN_PASSWORD", "correct horse")
    assert "correct horse" not in prepare()
    assert User.objects.get(username="admin").check_password("correct horse")


def test_no_user_is_made_beside_an_existing_superuser():
    User.objects.create_superuser("ada", password="a long enough phrase")
    assert prepare() == ""
    assert User.objects.count() == 1


def test_a_workspace_in_use_gets_no_demo_data():
    workspace, _ = Workspace.objects.get_or_create(name="Default")
    make_type(workspace, "Companies", number=1)
    prepare("--demo")
    assert ObjectType.objects.for_workspace(workspace).count() == 1
