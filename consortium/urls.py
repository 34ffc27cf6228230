from django.urls import path

from consortium.views import hosts, me, organisations, people, projects, shares, sharing, wishes

app_name = "consortium"
urlpatterns = [
    path("desk/new/", projects.project_new, name="project_new"),
    path("desk/<slug:slug>/settings/", projects.project_settings, name="project_settings"),
    path("desk/<slug:slug>/settings/<slug:verb>/", projects.project_step, name="project_step"),
    path("desk/<slug:slug>/members/add/", projects.members_add, name="members_add"),
    path("desk/<slug:slug>/members/<int:member>/remove/", projects.member_remove, name="member_remove"),
    path("desk/<slug:slug>/shares/", shares.project_shares, name="shares"),
    path("desk/<slug:slug>/shares/move/", sharing.move_places, name="move_places"),
    path("desk/<slug:slug>/shares/share-out/", sharing.share_out, name="share_out"),
    path("desk/<slug:slug>/wishes/", wishes.project_wishes, name="wishes"),
    path("desk/<slug:slug>/wishes/ask/", wishes.ask, name="ask_wishes"),
    path("desk/<slug:slug>/wishes/remind/", wishes.remind, name="remind_wishes"),
    path("desk/<slug:slug>/wishes/request/", wishes.wish_request, name="wish_request"),
    path("desk/<slug:slug>/wishes/<int:member>/", wishes.wish, name="wish"),
    path("desk/<slug:slug>/wishes/<int:member>/decline/", wishes.decline_wish, name="decline_wish"),
    path("desk/<slug:slug>/shares/<int:member>/<slug:activity>/", shares.share, name="share"),
    path("me/", me.my_details, name="me"),
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:pk>/end/", people.end_membership, name="end_membership"),
    path("people/invitations/<int:pk>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("invitations/<str:secret>/", people.accept_invitation, name="accept_invitation"),
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/<int:pk>/", organisations.organisation_page, name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.organisation_edit, name="organisation_edit"),
    path("hosts/", hosts.host_list, name="hosts"),
    path("hosts/new/", hosts.host_new, name="host_new"),
    path("hosts/<int:pk>/", hosts.host_page, name="host"),
    path("hosts/<int:pk>/edit/", hosts.host_edit, name="host_edit"),
]
