"""The addresses of the App API: identifiers of any text, so the longer addresses come first."""

from django.urls import URLPattern, re_path

from objects import app_api as objects
from operations import app_api as operations
from people import app_api as people
from people import segment_app_api as segments

_WHO = r"(?P<identifier>.+)"
_WHAT = r"(?P<number>[0-9]{1,10})/(?P<object_id>.+)"
_NUMBER = r"(?P<number>[0-9]{1,9})"

urlpatterns: list[URLPattern] = [
    re_path(r"^object_types$", objects.list_types),
    re_path(r"^objects$", objects.search_objects),
    re_path(rf"^objects/{_WHAT}/attributes$", objects.show_attributes),
    re_path(rf"^objects/{_WHAT}/relationships$", objects.list_relationships),
    re_path(r"^customers$", people.find_customers),
    re_path(r"^customers/attributes$", people.show_many),
    re_path(rf"^customers/{_WHO}/attributes$", people.show_attributes),
    re_path(rf"^customers/{_WHO}/relationships$", people.list_relationships),
    re_path(rf"^customers/{_WHO}/segments$", people.list_segments),
    re_path(rf"^customers/{_WHO}/activities$", people.list_activities),
    re_path(rf"^customers/{_WHO}/messages$", people.list_messages),
    re_path(rf"^customers/{_WHO}/subscription_preferences$", people.show_preferences),
    re_path(r"^segments$", segments.list_segments),
    re_path(rf"^segments/{_NUMBER}$", segments.show_segment),
    re_path(rf"^segments/{_NUMBER}/customer_count$", segments.count_members),
    re_path(rf"^segments/{_NUMBER}/membership$", segments.list_members),
    re_path(rf"^segments/{_NUMBER}/used_by$", segments.show_uses),
    re_path(r"^activities$", operations.list_activities),
    re_path(r"^workspaces$", operations.list_workspaces),
    re_path(r"^data_index/attributes$", operations.describe_attributes),
]
