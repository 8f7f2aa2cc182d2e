"""The fixtures of the admin's tests: a workspace with rows, and clients with each role."""

from tests.bulk.conftest import (
    admin,
    author,
    company,
    person,
    quick_passwords,
    relationship,
    stranger,
    viewer,
    workspace,
)

__all__ = [
    "admin",
    "author",
    "company",
    "person",
    "quick_passwords",
    "relationship",
    "stranger",
    "viewer",
    "workspace",
]
