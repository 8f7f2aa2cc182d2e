"""The addresses of the Track API: no slash at the end, no redirects, identifiers of any text.

An identifier may hold slashes, so its pattern is greedy and the longer addresses come first.
"""

from django.urls import URLPattern, re_path

from data_in import track

_WHO = r"(?P<identifier>.+)"

urlpatterns: list[URLPattern] = [
    re_path(r"^api/v1/accounts/region$", track.show_region),
    re_path(rf"^api/v1/customers/{_WHO}/events$", track.add_event),
    re_path(rf"^api/v1/customers/{_WHO}/event$", track.add_event_as_printed),
    re_path(rf"^api/v1/customers/{_WHO}/devices/(?P<token>.+)$", track.delete_device),
    re_path(rf"^api/v1/customers/{_WHO}/devices$", track.add_device),
    re_path(rf"^api/v1/customers/{_WHO}/suppress$", track.suppress),
    re_path(rf"^api/v1/customers/{_WHO}/unsuppress$", track.unsuppress),
    re_path(rf"^api/v1/customers/{_WHO}$", track.change_customer),
    re_path(rf"^api/v1/customer/{_WHO}$", track.change_customer_as_printed),
    re_path(rf"^api/v1/identify/{_WHO}$", track.change_customer_as_printed),
    re_path(r"^api/v1/events$", track.add_anonymous_event),
    re_path(r"^api/v1/merge_customers$", track.merge_customers),
    re_path(
        r"^api/v1/segments/(?P<segment>[0-9]{1,9})/(?P<action>add|remove)_customers$",
        track.change_members,
    ),
    re_path(r"^api/v1/metrics$", track.add_metric),
    re_path(r"^(?:api/v1/)?push/events$", track.add_push_event),
    re_path(r"^api/v1/forms/(?P<form_id>.+)/submit$", track.submit_form),
    re_path(r"^api/v2/entity$", track.take_entity),
    re_path(r"^api/v2/batch$", track.take_batch),
    re_path(r"^unsubscribe/(?P<delivery_id>.+)$", track.unsubscribe),
    re_path(r"^auth$", track.show_auth),
]
