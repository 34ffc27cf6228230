import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from consortium.models import Invitation
from consortium.permissions import Role
from westum.base.letters import Letter


def invite(email="karin@example.org", **options):
    call_command("invite", email, name="Karin Mallqvist", language="en", **options)


def test_first_coordinator_is_invited(association, capsys):
    invite("Karin@Example.org")
    assert capsys.readouterr().out == "The invitation is on its way to Karin@Example.org.\n"
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.organisation, invitation.invited_by) == (Role.COORDINATOR, association, None)
    assert invitation.history.get().via == "command"
    assert Letter.objects.get().to == "karin@example.org"


def test_invitation_that_has_run_out_gives_way(association):
    invite()
    with pytest.raises(CommandError, match="already been invited"):
        invite()
    Invitation.objects.unkept("a test").update(expires_at=timezone.now())
    invite()
    assert [invitation.is_open for invitation in Invitation.objects.order_by("pk")] == [False, True]


def test_who_is_here_already_is_not_invited(association, coordinator):
    with pytest.raises(CommandError, match="already has this role"):
        invite(coordinator.email)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"organisation": "Nowhere"}, "no organisation called Nowhere"), ({"email": "karin"}, "email")],
)
def test_what_is_wrong_is_said(options, sentence, association):
    with pytest.raises(CommandError, match=sentence):
        invite(**options)
    assert not Letter.objects.exists()
