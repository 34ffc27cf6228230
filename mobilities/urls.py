from django.urls import path

from mobilities.views import actions, exports, handing_over, mobilities, papers, participants

app_name = "mobilities"
urlpatterns = [
    path("mobilities/", mobilities.mobility_list, name="mobilities"),
    path("mobilities/export/<slug:format>/", exports.export, name="export"),
    path("mobilities/new/", mobilities.mobility_new, name="mobility_new"),
    path("mobilities/<int:pk>/", mobilities.mobility, name="mobility"),
    path("mobilities/<int:pk>/edit/", mobilities.mobility_edit, name="mobility_edit"),
    path("mobilities/<int:pk>/submit/", actions.submit, name="submit"),
    path("mobilities/<int:pk>/send-back/", actions.send_back, name="send_back"),
    path("mobilities/<int:pk>/accept/", actions.accept, name="accept"),
    path("mobilities/<int:pk>/give-place/", actions.give_place, name="give_place"),
    path("mobilities/<int:pk>/withdraw/", actions.withdraw, name="withdraw"),
    path("mobilities/<int:pk>/cancel/", actions.cancel, name="cancel"),
    path("mobilities/<int:pk>/funder/", actions.funder, name="funder"),
    path("mobilities/<int:pk>/close/", actions.close, name="close"),
    path("mobilities/<int:pk>/documents/add/", papers.document_add, name="document_add"),
    path("mobilities/<int:pk>/report/", papers.placement_report, name="placement_report"),
    path("mobilities/<int:pk>/review/", papers.review, name="review"),
    path("documents/<int:pk>/", papers.document, name="document"),
    path("people/<int:pk>/hand-over/", handing_over.hand_over, name="hand_over"),
    path("participants/", participants.participant_list, name="participants"),
    path("participants/<int:pk>/", participants.participant, name="participant"),
    path("participants/<int:pk>/edit/", participants.participant_edit, name="participant_edit"),
    path("participants/<int:pk>/access/", participants.participant_access, name="participant_access"),
]
