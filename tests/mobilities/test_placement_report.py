"""The placement report: sent in on a phone, read by somebody else, sent back or accepted."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import documents, placement_reports
from mobilities.lifecycle import PROJECT_HAS_ENDED
from mobilities.models import Document, MobilityState, PlacementReport
from tests import factories
from westum.base import files
from westum.base.models import Letter, StoredFile

ANSWERS = {"tasks": "I helped at breakfast.", "learned": "Bom dia."}


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def home(mobility_of):
    """Home again, and nothing has been sent in."""
    return mobility_of("completed")


@pytest.fixture
def waiting(mobility_of):
    return mobility_of("completed", placement_report="submitted")


def page_of(mobility, name="placement_report"):
    return reverse(f"mobilities:{name}", args=[mobility.pk])


def pdf(name="report.pdf", content=factories.PDF):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (40, 30)).save(stream, "JPEG")
    return SimpleUploadedFile("page.jpg", stream.getvalue(), content_type="image/jpeg")


def errors_of(response):
    assert response.status_code == 200
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


# Sending in


@pytest.mark.parametrize("upload", [pdf, picture])
def test_participant_sends_in_a_file_and_is_thanked(sign_in, participant, home, upload):
    response = sign_in(participant).post(page_of(home), {"file": upload(), **ANSWERS}, follow=True)

    report = PlacementReport.objects.get()
    assert (report.state, report.submitted_by, report.tasks) == ("submitted", participant, ANSWERS["tasks"])
    document = home.documents.get()
    assert (document.kind, document.version, document.uploaded_by) == ("placement_report", 1, participant)
    assert "Thank you! We have your report." in response.text
    assert home.get_absolute_url() != response.redirect_chain[-1][0] == page_of(home)
    assert 'name="file"' not in response.text
    assert "What you wrote" in response.text
    assert all(answer in response.text for answer in ANSWERS.values())


def test_answers_may_be_left_and_the_file_may_not(sign_in, participant, home):
    client = sign_in(participant)
    response = client.post(page_of(home), ANSWERS)
    assert errors_of(response) == {"file": ["Choose a file at “Your report”."]}
    assert ANSWERS["tasks"] in response.text
    assert client.post(page_of(home), {"file": pdf()}).status_code == 302


HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
BAD = {
    "empty": (b"", "report.pdf", "The file is empty. Open it on your device, save it anew and choose it again."),
    "exe": (b"MZ\x90\x00" + bytes(200), "report.pdf", None),
    "html": (HTML, "report.pdf", None),
    "exe by name": (b"MZ\x90\x00" + bytes(200), "report.exe", None),
    "60 MB": (b"%PDF-1.4\n" + bytes(60 * 1024 * 1024), "report.pdf", None),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_is_refused_at_its_field_and_the_answers_stay(sign_in, participant, home, case):
    content, name, sentence = BAD[case]
    response = sign_in(participant).post(page_of(home), {"file": pdf(name, content), **ANSWERS})

    found = errors_of(response)
    assert set(found) == {"file"}
    assert len(found["file"]) == 1
    assert found["file"] == [sentence or found["file"][0]]
    assert len(found["file"][0].split()) <= 20 + (case == "exe by name") * 10  # lists the kinds
    assert found["file"][0] in response.text
    assert response.context["form"]["tasks"].value() == ANSWERS["tasks"]
    assert ANSWERS["learned"] in response.text
    assert not PlacementReport.objects.exists()
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_double_press_sends_in_once(sign_in, participant, home):
    client = sign_in(participant)
    token = client.get(page_of(home)).context["form"]["form_token"].value()
    first, second = (
        client.post(page_of(home), {"file": pdf(), "form_token": token, **ANSWERS}) for _number in range(2)
    )
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert Document.objects.count() == 1


@pytest.mark.parametrize("state", [state for state in MobilityState.values if state != "completed"])
def test_report_is_sent_in_after_the_stay_alone(sign_in, participant, mobility_of, state):
    mobility = mobility_of(state)
    client = sign_in(participant)
    assert 'name="file"' not in client.get(page_of(mobility)).text
    before = Document.objects.count()
    response = client.post(page_of(mobility), {"file": pdf(), **ANSWERS})
    assert errors_of(response) == {"__all__": ["The report can be sent in after the stay, until it has been reviewed."]}
    assert Document.objects.count() == before


def test_in_an_ended_project_nobody_asks_for_a_report(sign_in, participant, home, project):
    project.state = ProjectState.ENDED
    project.save()
    client = sign_in(participant)
    assert "Nobody asks for a report any more." in client.get(page_of(home)).text
    assert set(errors_of(client.post(page_of(home), {"file": pdf()}))) == {"__all__"}


def test_in_an_ended_project_no_paper_is_added_and_no_report_sent_back(home, contact, traveller, project):
    report = placement_reports.send_in(
        mobility=home,
        tasks="Cooking",
        learned="Much.",
        file=files.keep(factories.PDF, name="r.pdf", content_type="application/pdf"),
        by=traveller.user,
    )
    project.state = ProjectState.ENDED
    project.save()
    with pytest.raises(NotAllowed, match=str(PROJECT_HAS_ENDED)):
        documents.add(mobility=home, kind="attendance", file=report.mobility.documents.first().file, by=contact)
    with pytest.raises(NotAllowed, match=str(PROJECT_HAS_ENDED)):
        placement_reports.send_back(report=report, comment="More.", by=contact)


def test_who_may_send_in(sign_in, home, contact, coordinator, fellow, participant_of_b, other_contact, staff, auditor):
    for user in (contact, coordinator):
        assert sign_in(user).get(page_of(home)).status_code == 200
    for user in (fellow, participant_of_b, other_contact, staff, auditor):
        assert sign_in(user).get(page_of(home)).status_code == 404
        assert sign_in(user).post(page_of(home), {"file": pdf()}).status_code == 404
    assert not PlacementReport.objects.exists()


def test_contact_person_sends_in_for_somebody_without_a_login(sign_in, contact, member_a, mobility_of):
    person = factories.ParticipantFactory(organisation=member_a, email="")
    mobility = mobility_of("completed", participant=person)
    sign_in(contact).post(page_of(mobility), {"file": pdf(), **ANSWERS})
    assert PlacementReport.objects.get().submitted_by == contact


# Reading


def test_contact_person_accepts_and_the_mobility_is_reported(sign_in, contact, waiting):
    client = sign_in(contact)
    page = client.get(page_of(waiting, "review"))
    assert ANSWERS["tasks"] in page.text
    assert waiting.documents.get().get_absolute_url() in page.text
    response = client.post(page_of(waiting, "review"), {"comment": ""}, follow=True)
    waiting.refresh_from_db()
    report = PlacementReport.objects.get()
    assert (waiting.state, report.state, report.reviewed_by) == ("reported", "accepted", contact)
    assert "The report is accepted. The mobility is reported." in response.text
    assert not Letter.objects.exists()


def test_report_is_sent_back_with_a_question_and_sent_in_again(sign_in, contact, participant, waiting):
    client, traveller = sign_in(contact), sign_in(participant)
    empty = client.post(page_of(waiting, "review"), {"act": "send_back", "comment": " "})
    assert errors_of(empty) == {"comment": ["Write what should be changed, so that the sender knows."]}
    client.post(page_of(waiting, "review"), {"act": "send_back", "comment": "Say more about the kitchen."})

    report = PlacementReport.objects.get()
    assert (report.state, report.comment) == ("returned", "Say more about the kitchen.")
    letter = Letter.objects.get()
    assert (letter.to, letter.language) == (participant.email, "en")
    assert "kitchen" not in letter.subject + letter.body
    page = traveller.get(page_of(waiting))
    assert "Say more about the kitchen." in page.text
    assert page.context["form"]["tasks"].value() == ANSWERS["tasks"]

    traveller.post(page_of(waiting), {"tasks": "I cooked.", "learned": ""})  # the file of before still counts
    report.refresh_from_db()
    assert (report.state, report.tasks, waiting.documents.count()) == ("submitted", "I cooked.", 1)
    client.post(page_of(waiting, "review"), {"act": "send_back", "comment": "The file, please."})
    traveller.post(page_of(waiting), {"file": pdf("second.pdf"), **ANSWERS})
    versions = waiting.documents.order_by("version").values_list("version", "state")
    assert list(versions) == [(1, "replaced"), (2, "uploaded")]


def test_letter_goes_to_the_sender_where_the_traveller_has_no_login(mobility_of, member_a, contact, coordinator):
    person = factories.ParticipantFactory(organisation=member_a, email="")
    mobility = mobility_of("completed", participant=person)
    report = factories.PlacementReportFactory(mobility=mobility, submitted_by=contact)
    placement_reports.send_back(report=report, comment="Which ward?", by=coordinator)
    assert Letter.objects.get().to == contact.email


@pytest.mark.parametrize("verb", ["accept", "send_back"])
@pytest.mark.parametrize("own", ["sent in", "travelled"])
def test_nobody_reads_the_own_report(sign_in, contact, mobility_of, member_a, traveller, verb, own):
    if own == "travelled":
        traveller = factories.ParticipantFactory(organisation=member_a, email=contact.email)
    mobility = mobility_of("completed", participant=traveller)
    sender = contact if own == "sent in" else factories.UserFactory()
    report = factories.PlacementReportFactory(mobility=mobility, submitted_by=sender)
    assert not placement_reports.may_be_reviewed_by(report, contact)
    client = sign_in(contact)
    assert 'name="comment"' not in client.get(page_of(mobility, "review")).text
    response = client.post(page_of(mobility, "review"), {"act": verb, "comment": "x"})
    assert errors_of(response) == {"__all__": ["You sent this report in. Somebody else must review it."]}
    assert PlacementReport.objects.get().state == "submitted"


def test_what_does_not_wait_is_not_reviewed(sign_in, contact, home, mobility_of):
    client = sign_in(contact)
    assert client.get(page_of(home, "review")).url == home.get_absolute_url()
    assert client.post(page_of(home, "review"), {}).url == home.get_absolute_url()
    done = mobility_of("reported")
    assert client.get(page_of(done, "review")).url == done.get_absolute_url()
    assert errors_of(client.post(page_of(done, "review"), {"comment": ""})) == {
        "__all__": ["This report is not waiting for a review."]
    }


def test_who_may_review(sign_in, waiting, coordinator, participant, other_contact, staff, auditor):
    assert sign_in(coordinator).get(page_of(waiting, "review")).status_code == 200
    for user in (participant, other_contact, staff, auditor):
        assert sign_in(user).get(page_of(waiting, "review")).status_code == 404
        assert sign_in(user).post(page_of(waiting, "review"), {}).status_code == 404


def test_rule_asks_for_a_file_whatever_the_form_says(home, participant):
    with pytest.raises(NotAllowed) as refusal:
        placement_reports.send_in(mobility=home, tasks="", learned="", file=None, by=participant)
    assert set(refusal.value.message_dict) == {"file"}
    kept = files.keep(factories.PDF, name="a.pdf", content_type="application/pdf")
    PlacementReport.objects.create(mobility=home)
    report = placement_reports.send_in(mobility=home, tasks="", learned="", file=kept, by=participant)
    assert report.state == "submitted"
