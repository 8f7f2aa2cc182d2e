"""The pages that save a list as a view, rename and share it, bring it up to date and delete it."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.audit import record
from operations.doors.changelist import Crumb
from operations.doors.column_pages import admin_of
from operations.doors.current import current_workspace, may_here
from operations.doors.origin import read_clock
from operations.doors.saved_views import (
    QUERY_MAX_CHARS,
    ListState,
    address_of,
    list_address,
    may_change,
    may_share,
)
from operations.doors.view_bar import ViewBar
from operations.doors.view_counts import count_view
from workspaces.models import VIEW_NAME_MAX_CHARS, AuditEntry, SavedView, Workspace
from workspaces.permissions import Permission

VIEWS_MAX: Final = 200


class SavedViewForm(forms.Form):
    """What a view is called, and who sees it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=VIEW_NAME_MAX_CHARS)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Share with everybody in the workspace"), required=False
    )
    is_pinned = forms.BooleanField(label=gettext_lazy("Show in the navigation"), required=False)

    def __init__(self, *arguments: Any, view: SavedView, may_share: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.view = view
        if not may_share:
            del self.fields["is_shared"]
        self.fields["name"].widget.attrs["class"] = "cio-input"

    def clean_name(self) -> str:
        """Refuse a name that another view of the same owner and list has."""
        name: str = self.cleaned_data["name"]
        others = SavedView.objects.filter(
            workspace=self.view.workspace_id,
            owner=self.view.owner_id,
            kind=self.view.kind,
            type_number=self.view.type_number,
            name=name,
        )
        if others.exclude(pk=self.view.pk).exists():
            message = _("There is a view named %(name)s already; choose another name.")
            raise forms.ValidationError(message % {"name": name})
        return name

    def store(self, request: HttpRequest) -> SavedView:
        """Keep the view with what was typed; that it is shared from now on is audited."""
        view = self.view
        view.name = self.cleaned_data["name"]
        view.is_shared = self.cleaned_data.get("is_shared", view.is_shared)
        view.is_pinned = self.cleaned_data["is_pinned"]
        view.save()
        if view.is_shared and not self.initial.get("is_shared"):
            record(
                request,
                AuditEntry.Kind.VIEW_SHARED,
                _("Shared the view %(name)s") % {"name": view.name},
                workspace=view.workspace,
                details={"view": view.pk, "list": view.kind},
            )
        return view


def add_view(request: HttpRequest, kind: str) -> HttpResponse:
    """Save the list that the address carries as a view."""
    workspace = _workspace(request)
    bar = _bar(request, kind)
    view = SavedView(
        workspace=workspace,
        owner_id=request.user.pk,
        kind=bar.list.kind.value,
        type_number=bar.list.type_number,
    )
    _take_state(view, bar.state)
    sent = request.POST if request.method == "POST" else None
    form = SavedViewForm(sent, view=view, may_share=may_share(request))
    problem = _problem(request, workspace, view)
    if sent is not None and form.is_valid() and not problem:
        count_view(form.store(request), now=read_clock())
        messages.success(request, _("The view is saved."))
        return HttpResponseRedirect(address_of(view))
    back = list_address(bar.list)
    return _render(request, form, problem=problem, back=back, title=_("Save as a view"))


def show_view(request: HttpRequest, key: int) -> HttpResponse:
    """Show what a view is called and who sees it, or change it."""
    workspace = _workspace(request)
    view = _find(request, workspace, key)
    if request.method == "POST" and not may_change(request, view):
        raise PermissionDenied
    go = request.POST.get("go", "")
    if go == "update":
        return _update(request, workspace, view)
    if go == "delete":
        back = list_address(_bar(request, view.kind).list)
        view.delete()
        messages.success(request, _("The view is deleted; no row was."))
        return HttpResponseRedirect(back)
    return _edit(request, view)


def _update(request: HttpRequest, workspace: Workspace, view: SavedView) -> HttpResponse:
    """Keep the list that the address carries in place of what the view had."""
    state = _bar(request, view.kind).state
    _take_state(view, state)
    if problem := _problem(request, workspace, view):
        messages.error(request, problem)
        return HttpResponseRedirect(address_of(_find(request, workspace, view.pk)))
    view.save()
    count_view(view, now=read_clock())
    messages.success(request, _("The view has the present filters, order and columns."))
    return HttpResponseRedirect(address_of(view))


def _edit(request: HttpRequest, view: SavedView) -> HttpResponse:
    may = may_change(request, view)
    initial = {"name": view.name, "is_shared": view.is_shared, "is_pinned": view.is_pinned}
    sent = request.POST if request.method == "POST" else None
    # A viewer who was an author once may still take a shared view back.
    shares = may_share(request) or view.is_shared
    form = SavedViewForm(sent, view=view, may_share=shares, initial=initial)
    if sent is not None and form.is_valid():
        form.store(request)
        messages.success(request, _("The view is saved."))
        return HttpResponseRedirect(address_of(view))
    back = address_of(view)
    return _render(request, form, back=back, title=str(view), view=view, may_change=may)


def _take_state(view: SavedView, state: ListState) -> None:
    view.query, view.sort, view.columns = state.query, state.sort, list(state.columns)


def _problem(request: HttpRequest, workspace: Workspace, view: SavedView) -> str:
    if len(view.query) > QUERY_MAX_CHARS:
        message = _("The filters are %(length)s characters long; a view keeps %(max)s at most.")
        return message % {"length": len(view.query), "max": QUERY_MAX_CHARS}
    own = SavedView.objects.filter(workspace=workspace, owner=request.user.pk)
    if view._state.adding and own.count() >= VIEWS_MAX:
        message = _("You have %(count)d views, which is the most; delete one first.")
        return message % {"count": VIEWS_MAX}
    return ""


def _bar(request: HttpRequest, kind: str) -> ViewBar:
    model_admin = admin_of(kind)
    return ViewBar(model_admin, request, model_admin.columns_of(request))


def _workspace(request: HttpRequest) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.VIEW):
        raise PermissionDenied
    return workspace


def _find(request: HttpRequest, workspace: Workspace, key: int) -> SavedView:
    seen = SavedView.objects.for_workspace(workspace).seen_by(request.user.pk or 0)
    view = seen.filter(pk=key).first()
    if view is None:
        raise Http404
    return view


def _render(
    request: HttpRequest, form: SavedViewForm, *, back: str, title: str, **more: Any
) -> HttpResponse:
    site = admin.site
    request.current_app = site.name
    context = {
        **site.each_context(request),
        "form": form,
        "title": title,
        "trail": (Crumb(str(admin_of(form.view.kind).list_name()), back), Crumb(title)),
        "back": back,
        "may_change": True,
        **more,
    }
    return TemplateResponse(request, "operations/saved_view.html", context)
