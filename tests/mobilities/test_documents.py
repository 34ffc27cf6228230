"""Papers: each upload is a version, the newest counts, and only who sees the mobility reads it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from consortium.permissions import NotAllowed
from mobilities import documents
from mobilities.models import Document, MobilityState
from tests import factories
from westum.base import files
from westum.base.models import StoredFile


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def add_page(mobility):
    return reverse("mobilities:document_add", args=[mobility.pk])


def paper(content=factories.PDF, name="agreement.pdf"):
    return SimpleUploadedFile(name, content)


def kept():
    return files.keep(factories.PDF, name="a.pdf", content_type="application/pdf")


def test_contact_person_adds_a_paper_and_then_a_better_one(sign_in, contact, mobility_of):
    mobility = mobility_of("accepted")
    client = sign_in(contact)
    for _number in range(2):
        response = client.post(add_page(mobility), {"kind": "learning_agreement", "file": paper()}, follow=True)
        assert "The paper is saved." in response.text
    assert list(mobility.documents.order_by("version").values_list("kind", "version", "state")) == [
        ("learning_agreement", 1, "replaced"),
        ("learning_agreement", 2, "uploaded"),
    ]
    assert "1 earlier version" in response.text
    lines = mobility.documents.get(version=1).history.order_by("history_id")
    assert [line.history_change_reason for line in lines] == ["uploaded", "replaced"]


def test_versions_of_each_kind_are_counted_apart(mobility_of, contact):
    mobility = mobility_of("accepted")
    for kind in ("learning_agreement", "attendance"):
        documents.add(mobility=mobility, kind=kind, file=kept(), by=contact)
    assert set(Document.objects.current().values_list("kind", "version")) == {
        ("learning_agreement", 1),
        ("attendance", 1),
    }


@pytest.mark.parametrize("state", MobilityState.values)
def test_what_is_over_takes_no_paper(mobility_of, contact, state):
    mobility = mobility_of(state)
    if state in {"closed", "withdrawn", "cancelled"}:
        with pytest.raises(NotAllowed, match="Nothing can be added"):
            documents.add(mobility=mobility, kind="attendance", file=kept(), by=contact)
    else:
        assert documents.add(mobility=mobility, kind="attendance", file=kept(), by=contact).version == 1


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"kind": "attendance"}, {"file"}),
        ({"file": paper()}, {"kind"}),
        ({"kind": "placement_report", "file": paper()}, {"kind"}),
        ({"kind": "attendance", "file": paper(b"<html><body>Hi</body></html>")}, {"file"}),
    ],
)
def test_bad_input_stands_at_its_field(sign_in, contact, mobility_of, data, fields):
    response = sign_in(contact).post(add_page(mobility_of("accepted")), data)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == fields
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_file_is_read_by_who_sees_the_mobility(
    sign_in, mobility_of, contact, coordinator, staff, auditor, participant, fellow, other_contact, outsider
):
    document = factories.DocumentFactory(mobility=mobility_of("completed"))
    address = document.get_absolute_url()
    for user in (contact, coordinator, staff, auditor, participant):
        response = sign_in(user).get(address)
        assert b"".join(response.streaming_content) == factories.PDF
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
    for user in (fellow, other_contact, outsider):
        assert sign_in(user).get(address).status_code == 404


def test_readers_add_nothing(sign_in, mobility_of, staff, auditor, participant, other_contact):
    mobility = mobility_of("accepted")
    for user in (staff, auditor, participant, other_contact):
        data = {"kind": "attendance", "file": paper()}
        assert sign_in(user).post(add_page(mobility), data).status_code == 404
    assert not Document.objects.exists()
