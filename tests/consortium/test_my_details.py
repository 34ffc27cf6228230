"""My details: everybody changes the own name, phone and language, and nobody else's."""

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from consortium.models import User

ME = reverse("consortium:me")


@pytest.mark.parametrize("who", ["coordinator", "contact", "participant", "outsider"])
def test_everybody_changes_the_own_details_and_the_header_leads_there(who, request, sign_in, send, staff):
    user, client = request.getfixturevalue(who), sign_in(request.getfixturevalue(who))
    assert f'href="{ME}"' in client.get(reverse("reporting:accessibility")).text
    page = send(client, ME, name="Anna Ny", phone="070-123 45 67", language="sv")
    assert page.redirect_chain == [(ME, 302)]
    user.refresh_from_db()
    assert (user.name, user.phone, user.language) == ("Anna Ny", "+46 70 123 45 67", "sv")
    line = user.history.first()
    assert (line.history_change_reason, line.history_user, line.via) == ("changed the own details", user, "form")
    staff.refresh_from_db()
    assert (staff.name, staff.phone) == ("Stig Siffersson", "")


def test_chosen_language_is_that_of_the_next_page(sign_in, contact):
    client = sign_in(contact)
    client.post(ME, {"name": contact.name, "language": "en"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert "Your details are saved." in client.get(ME).text


def test_nothing_else_can_be_sent_along(sign_in, contact, coordinator):
    sent = {"name": "Erik", "language": "en", "email": coordinator.email, "is_active": "", "id": coordinator.pk}
    sign_in(contact).post(ME, sent)
    contact.refresh_from_db()
    assert (contact.name, contact.email, contact.is_active) == ("Erik", "erik@example.org", True)
    assert User.objects.get(pk=coordinator.pk).name == coordinator.name


def test_number_that_cannot_be_dialled_is_said_at_the_field(sign_in, contact, send):
    page = send(sign_in(contact), ME, phone="12")
    assert page.context["form"].errors["phone"] == ["This is no phone number. Write it as in +46 70 123 45 67."]


def test_database_keeps_no_number_of_another_form(contact):
    contact.phone = "0701234567"
    with pytest.raises(IntegrityError):
        contact.save()


def test_traveller_is_told_where_the_papers_take_the_name_from(sign_in, participant, contact):
    words = "Your papers take name and phone from what your contact person has registered."
    assert words in sign_in(participant).get(ME).text
    assert words not in sign_in(contact).get(ME).text
