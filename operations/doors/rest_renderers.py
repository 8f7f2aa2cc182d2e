"""The browsable pages of the REST API."""

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer


class MemberPages(BrowsableAPIRenderer):
    """The browsable pages: JSON is typed as JSON, because a form could not say its types."""

    def render_form_for_serializer(self, serializer: Any) -> str:
        """Leave out the form; the field for raw JSON stays."""
        return ""
