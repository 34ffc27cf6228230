"""RowForm and form tokens: sentences at their fields, no silent overwriting, nothing made twice."""

import io
import threading
import uuid

import pytest
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone, translation

from consortium.models import Municipality, Organisation, User
from westum.base import tokens
from westum.base.forms import Changed, PlainForm, RowForm
from westum.base.models import FormToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class OrganisationForm(RowForm):
    class Meta:
        model = Organisation
        fields = [
            "kind",
            "name",
            "organisation_number",
            "oid",
            "city",
            "country",
            "latitude",
            "longitude",
            "municipalities",
        ]


class ReasonForm(PlainForm):
    reason = forms.CharField()
    paper = forms.FileField(required=False)


class GrowingForm(PlainForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add("reason", forms.CharField(label="Reason"))
        self.fields["reason"].help_text = "One sentence."


@pytest.fixture
def organisation():
    return Organisation.objects.create(name="Åsa Lärcenter", city="Göteborg")


@pytest.fixture
def user():
    return User.objects.create_user(email="karin@example.org", name="Karin Ek")


def as_sent(form, **changes):
    """What a browser sends when these fields of the shown form have been changed."""
    data = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (data | changes).items() if value is not None}


def edited(row, shown, **changes):
    """The form of a second request, which has loaded the row anew."""
    return OrganisationForm(as_sent(shown, **changes), instance=Organisation.objects.get(pk=row.pk))


# The whole row is checked, each sentence stands at its field


def test_sentence_of_a_constraint_stands_at_the_field_it_names(organisation):
    form = edited(organisation, OrganisationForm(instance=organisation), oid="12345")
    assert not form.is_valid()
    assert dict(form.errors) == {"oid": ["An OID is the letter E and eight digits, as in E10000000."]}


def test_unique_constraint_speaks_at_its_field(organisation):
    Organisation.objects.create(name="Other", oid="E10000000")
    form = edited(organisation, OrganisationForm(instance=organisation), oid="E10000000")
    assert not form.is_valid()
    assert dict(form.errors) == {"oid": ["Another organisation has this OID."]}


def test_constraint_on_a_field_that_is_not_shown_is_checked_and_speaks_at_the_top(organisation):
    class NameForm(RowForm):
        class Meta:
            model = Organisation
            fields = ["name"]

    organisation.oid = "12345"
    form = NameForm({"name": "New", "version": "0"}, instance=organisation)
    assert not form.is_valid()
    assert dict(form.errors) == {NON_FIELD_ERRORS: ["An OID is the letter E and eight digits, as in E10000000."]}


def test_broken_field_is_told_once(organisation):
    """What could not be read is not checked against the constraints as well."""
    form = edited(organisation, OrganisationForm(instance=organisation), name="", latitude="north")
    assert not form.is_valid()
    assert {name: len(sentences) for name, sentences in form.errors.items()} == {"name": 1, "latitude": 1}


@pytest.mark.parametrize("text", ["nul\x00", "half \ud83d"])
@pytest.mark.parametrize(
    "make",
    [
        lambda text: ReasonForm({"reason": text}),
        lambda text: GrowingForm({"reason": text}),
        lambda text: OrganisationForm({"name": text}),
    ],
)
def test_characters_that_no_database_keeps_are_refused_at_the_field(make, text):
    form = make(text)
    assert not form.is_valid()
    assert set(form.errors) & {"reason", "name"}


def test_field_that_is_added_says_what_is_missing_as_the_others_do():
    assert GrowingForm({}).errors == {"reason": ["Fill in “Reason”."]}


def test_hint_that_is_given_late_is_shown():
    assert GrowingForm()["reason"].help_text == "One sentence."


def test_file_over_the_limit_is_refused_at_its_field(settings):
    settings.UPLOAD_LIMIT = 2 * 1024**2
    paper = UploadedFile(io.BytesIO(), "plan.pdf", "application/pdf", 2 * 1024**2 + 1)
    form = ReasonForm({"reason": "because"}, {"paper": paper})
    assert not form.is_valid()
    assert dict(form.errors) == {
        "paper": ["The file plan.pdf is larger than 2 MB. Make it smaller and choose it again."]
    }


def test_form_leaves_only_its_own_fields_in_cleaned_data(organisation):
    form = edited(organisation, OrganisationForm(instance=organisation), city="Borås")
    assert form.is_valid()
    assert set(form.cleaned_data) == set(OrganisationForm.Meta.fields)
    assert form.changed_data == ["city"]


def test_form_knows_its_user(user):
    assert ReasonForm(user=user).user == user
    assert OrganisationForm().user is None


def test_refuse_puts_a_rule_at_its_field_or_at_the_top():
    form = ReasonForm({"reason": "because"})
    form.refuse(ValidationError({"reason": ["Say more."], "elsewhere": ["Not here."]}))
    form.refuse(ValidationError("No."))
    assert dict(form.errors) == {"reason": ["Say more."], NON_FIELD_ERRORS: ["Not here.", "No."]}


# Two editors


def test_save_raises_the_version(organisation):
    shown = OrganisationForm(instance=organisation)
    assert shown["version"].value() == 0
    edited(organisation, shown, city="Borås").save()
    organisation.refresh_from_db()
    assert (organisation.city, organisation.version) == ("Borås", 1)


def test_new_row_has_no_version_to_send():
    form = OrganisationForm({"name": "New", "kind": "member", "country": "SE"})
    assert "version" not in form.fields
    assert form.save().version == 0


def test_second_editor_sees_both_values_and_loses_nothing(organisation):
    vara = Municipality.objects.create(code="1470", name="Vara", county_code="14", county_name="Västra Götaland")
    first, second = OrganisationForm(instance=organisation), OrganisationForm(instance=organisation)
    place = {"city": "Borås", "latitude": "57.72", "longitude": "12.94"}
    edited(organisation, first, **place, municipalities=[vara.pk], kind="receiving").save()

    form = edited(organisation, second, city="Vara", name="Nya Lärcenter")
    assert not form.is_valid()
    assert list(form.errors) == [NON_FIELD_ERRORS]
    assert {line["name"]: (line["mine"], line["theirs"]) for line in form.conflict} == {
        "kind": ("member", "receiving organisation"),
        "name": ("Nya Lärcenter", "Åsa Lärcenter"),
        "city": ("Vara", "Borås"),
        "latitude": ("", "57.72000"),
        "longitude": ("", "12.94000"),
        "municipalities": ("", "Vara"),
    }
    assert [str(line["label"]) for line in form.conflict][1:3] == ["Name", "Town"]
    assert (form["city"].value(), form["name"].value()) == ("Vara", "Nya Lärcenter")
    organisation.refresh_from_db()
    assert organisation.city == "Borås"

    again = edited(organisation, form)  # knowingly, with the version that the page now carries
    assert again.is_valid(), again.errors
    again.save()
    organisation.refresh_from_db()
    assert (organisation.city, organisation.name, organisation.version) == ("Vara", "Nya Lärcenter", 2)


def test_second_editor_with_the_same_values_is_no_conflict(organisation):
    first, second = OrganisationForm(instance=organisation), OrganisationForm(instance=organisation)
    edited(organisation, first, city="Borås").save()
    form = edited(organisation, second, city="Borås")
    assert form.is_valid()
    assert form.conflict == []


@pytest.mark.parametrize("version", ["", "7", "-1", "x", None])
def test_form_without_the_true_version_is_a_conflict(organisation, version):
    form = edited(organisation, OrganisationForm(instance=organisation), city="Borås", version=version)
    assert not form.is_valid()
    assert [line["name"] for line in form.conflict] == ["city"]


def test_choice_outside_the_users_reach_is_not_shown(organisation):
    hidden = Municipality.objects.create(code="1470", name="Vara", county_code="14", county_name="Västra Götaland")

    class Narrow(OrganisationForm):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.fields["municipalities"].queryset = Municipality.objects.none()

    data = as_sent(Narrow(instance=organisation), city="Borås")
    organisation.municipalities.add(hidden)
    organisation.bump_version()
    form = Narrow(data, instance=Organisation.objects.get(pk=organisation.pk))
    assert not form.is_valid()
    assert "Vara" not in str(form.conflict)


def test_save_between_check_and_save_is_found(organisation):
    first = edited(organisation, OrganisationForm(instance=organisation), city="Borås")
    second = edited(organisation, OrganisationForm(instance=organisation), city="Vara")
    assert first.is_valid()
    assert second.is_valid()
    first.save()
    with pytest.raises(Changed):
        second.save()
    organisation.refresh_from_db()
    assert organisation.city == "Borås"


def test_bump_version_of_a_row_that_is_gone_is_a_change(organisation):
    Organisation.objects.filter(pk=organisation.pk).delete()
    with pytest.raises(Changed):
        organisation.bump_version()


# Form tokens


def request_of(user, data, path="/organisations/new/", **files):
    request = RequestFactory().post(path, data | files)
    request.user = user
    return request


def new_organisation(user, **changes):
    """One sending of the form for a new organisation: (response or None, form)."""
    data = {"name": "New", "kind": "member", "country": "SE", "oid": ""} | changes
    request = request_of(user, data)
    form = OrganisationForm(request.POST, request.FILES)

    def act():
        row = form.save()
        return f"/organisations/{row.pk}/"

    return tokens.once(request, form, act), form


def test_same_form_twice_makes_one_row_and_gives_the_same_answer(user):
    token = uuid.uuid4()
    first, _form = new_organisation(user, form_token=token)
    second, _form = new_organisation(user, form_token=token)
    row = Organisation.objects.get()
    assert (first.status_code, first["Location"]) == (302, f"/organisations/{row.pk}/")
    assert (second.status_code, second["Location"]) == (302, f"/organisations/{row.pk}/")


def test_replay_is_answered_even_where_the_row_would_now_be_refused(user):
    token = uuid.uuid4()
    first, _form = new_organisation(user, form_token=token, oid="E10000000")
    second, _form = new_organisation(user, form_token=token, oid="E10000000")
    assert second["Location"] == first["Location"]


def test_same_token_with_other_content_is_refused_and_kept(user):
    token = uuid.uuid4()
    new_organisation(user, form_token=token)
    answer, form = new_organisation(user, form_token=token, name="Other")
    assert answer is None
    assert [sentence[:54] for sentence in form.non_field_errors()] == [
        "This form was already sent with other content. Check w"
    ]
    assert (Organisation.objects.get().name, form["name"].value()) == ("New", "Other")

    answer, _form = new_organisation(user, form_token=form["form_token"].value(), name="Other")  # knowingly
    assert answer.status_code == 302
    assert Organisation.objects.count() == 2


def test_sending_that_is_refused_keeps_nothing_that_cleaning_wrote(user):
    class KeepingForm(ReasonForm):
        def clean(self):
            Organisation.objects.create(name="Kept while cleaning")

    token = uuid.uuid4()
    for reason in ("because", "another"):
        request = request_of(user, {"reason": reason, "form_token": token})
        answer = tokens.once(request, KeepingForm(request.POST), lambda: "/done/")
    assert (answer, Organisation.objects.count(), FormToken.objects.count()) == (None, 1, 1)


def test_token_of_a_form_with_errors_stays_good(user):
    token = uuid.uuid4()
    answer, form = new_organisation(user, form_token=token, oid="12345")
    assert (answer, list(form.errors), FormToken.objects.count()) == (None, ["oid"], 0)
    answer, _form = new_organisation(user, form_token=token, oid="E10000000")
    assert answer.status_code == 302


def test_token_belongs_to_its_user(user):
    other = User.objects.create_user(email="other@example.org")
    token = uuid.uuid4()
    new_organisation(user, form_token=token)
    answer, _form = new_organisation(other, form_token=token)
    assert answer.status_code == 302
    assert Organisation.objects.count() == 2


@pytest.mark.parametrize("token", [None, "", "x" * 30])
def test_form_without_a_token_is_done_each_time(user, token):
    extra = {} if token is None else {"form_token": token}
    for _ in range(2):
        answer, _form = new_organisation(user, **extra)
        assert answer.status_code == 302
    assert (Organisation.objects.count(), FormToken.objects.count()) == (2, 0)


def test_other_file_is_other_content(user):
    def send(content):
        paper = SimpleUploadedFile("plan.pdf", content)
        request = request_of(user, {"reason": "because", "form_token": token}, paper=paper)
        form = ReasonForm(request.POST, request.FILES)
        read = []
        return tokens.once(request, form, lambda: read.append(form.cleaned_data["paper"].read()) or "/done/"), read

    token = uuid.uuid4()
    assert send(b"one")[1] == [b"one"]  # the fingerprint leaves the file at its beginning
    answer, read = send(b"one")
    assert (answer["Location"], read) == ("/done/", [])
    assert send(b"two") == (None, [])


def test_other_address_is_other_content(user):
    token = uuid.uuid4()
    for path, outcome in (("/a/", 302), ("/a/", 302), ("/b/", None)):
        request = request_of(user, {"reason": "because", "form_token": token}, path=path)
        answer = tokens.once(request, ReasonForm(request.POST), lambda: "/done/")
        assert (answer and answer.status_code) == outcome


def test_rule_that_refuses_leaves_nothing_and_speaks_in_the_form(user):
    request = request_of(user, {"reason": "because", "form_token": uuid.uuid4()})
    form = ReasonForm(request.POST)

    def act():
        Organisation.objects.create(name="Half")
        raise ValidationError({"reason": ["The share is full."]})

    assert tokens.once(request, form, act) is None
    assert dict(form.errors) == {"reason": ["The share is full."]}
    assert (Organisation.objects.count(), FormToken.objects.count()) == (0, 0)


def test_response_of_the_act_is_given_on(user):
    request = request_of(user, {"reason": "because"})
    answer = tokens.once(request, ReasonForm(request.POST), lambda: HttpResponse("done"))
    assert answer.content == b"done"


def test_row_saved_by_somebody_else_after_the_check_speaks_at_its_field(user):
    request = request_of(user, {"name": "New", "kind": "member", "country": "SE", "oid": "E10000000"})
    form = OrganisationForm(request.POST)

    def act():
        OrganisationForm.Meta.model.objects.create(name="Faster", oid="E10000000")
        return form.save()

    # The faster row is rolled back with ours here, so that the form finds nothing wrong: then the fault is ours.
    with pytest.raises(IntegrityError):
        tokens.once(request, form, act)
    assert form.instance._state.adding


def test_conflict_while_saving_is_shown_in_the_form(user, organisation):
    data = as_sent(OrganisationForm(instance=organisation), city="Vara")
    request = request_of(user, data)
    form = OrganisationForm(request.POST, instance=Organisation.objects.get(pk=organisation.pk))
    assert form.is_valid()
    edited(organisation, OrganisationForm(instance=organisation), city="Borås").save()
    assert tokens.once(request, form, form.save) is None
    assert [(line["name"], line["mine"], line["theirs"]) for line in form.conflict] == [("city", "Vara", "Borås")]
    assert form["version"].value() == "1"


def test_row_removed_while_saving_keeps_what_was_typed(user, organisation):
    request = request_of(user, as_sent(OrganisationForm(instance=organisation), city="Vara"))
    form = OrganisationForm(request.POST, instance=Organisation.objects.get(pk=organisation.pk))
    assert form.is_valid()
    Organisation.objects.filter(pk=organisation.pk).delete()
    assert tokens.once(request, form, form.save) is None
    assert form.non_field_errors() == ["Somebody else has removed this. What you typed is still below."]
    assert form["city"].value() == "Vara"


def test_tokens_are_kept_for_a_day(user):
    new_organisation(user, form_token=uuid.uuid4())
    assert tokens.forget_old(timezone.now() + tokens.KEPT_FOR / 2) == 0
    assert tokens.forget_old(timezone.now() + tokens.KEPT_FOR * 2) == 1


# At the same moment


def together(number, work):
    """Run `work(index)` in that many threads at once, each with a connection of its own. Their results."""
    results, barrier = [], threading.Barrier(number)

    def run(index):
        try:
            barrier.wait()
            results.append(work(index))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_hundred_forms_sent_three_times_at_once_make_a_hundred_rows(user):
    for number in range(100):
        token = uuid.uuid4()
        answers = together(
            3, lambda _index, n=number, t=token: new_organisation(user, form_token=t, oid=f"E{n:08}")[0]["Location"]
        )
        assert len(answers) == 3
        assert len(set(answers)) == 1
    assert Organisation.objects.count() == FormToken.objects.count() == 100


@pytest.mark.django_db(transaction=True)
def test_hundred_pairs_of_editors_overwrite_nothing_silently(user, organisation):
    for number in range(100):
        shown = OrganisationForm(instance=Organisation.objects.get(pk=organisation.pk))
        data = [as_sent(shown, city=f"{number} {editor}", form_token=uuid.uuid4()) for editor in "ab"]

        def save(index, data=data):
            request = request_of(user, data[index])
            form = OrganisationForm(request.POST, instance=Organisation.objects.get(pk=organisation.pk))
            answer = tokens.once(request, form, lambda: form.save() and "/done/")
            return (index, answer is not None, [line["theirs"] for line in form.conflict])

        (winner, _won, _none), (loser, lost, theirs) = sorted(together(2, save), key=lambda result: not result[1])
        organisation.refresh_from_db()
        assert organisation.city == data[winner]["city"]
        assert (lost, theirs) == (False, [data[winner]["city"]])
    assert organisation.version == 100
