from django.urls import path

from mobilities.views import actions, exports, handing_over, mobilities, papers, participants, partnerships

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
    path("partners/", partnerships.partner_list, name="partners"),
    path("partners/<int:pk>/", partnerships.partner, name="partner"),
    path("partners/rounds/new/", partnerships.partnership_new, name="partnership_new"),
    path("partners/rounds/<int:pk>/", partnerships.partnership, name="partnership"),
    path("partners/rounds/<int:pk>/phases/<int:number>/", partnerships.partnership_phase, name="partnership_phase"),
    path("partners/rounds/<int:pk>/finish/", partnerships.partnership_finish, name="partnership_finish"),
    path("partners/rounds/<int:pk>/reopen/", partnerships.partnership_reopen, name="partnership_reopen"),
    path("partners/rounds/<int:pk>/discard/", partnerships.partnership_discard, name="partnership_discard"),
    path("partners/rounds/<int:pk>/paper/", partnerships.partnership_paper, name="partnership_paper"),
    path("partners/rounds/<int:pk>/export/<slug:format>/", partnerships.partnership_export, name="partnership_export"),
]
