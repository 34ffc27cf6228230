"""What only a demonstration has: log-in by role, and the mails that were sent."""

import email
from email import policy
from email.utils import parsedate_to_datetime

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consortium.models import User
from westum.base import addresses

# The person of each role, by the address under which `manage.py demo` makes them.
ROLES = {
    "coordinator": "coordinator@example.org",
    "contact": "contact@example.org",
    "participant": "participant@example.org",
    "staff": "staff@example.org",
    "auditor": "auditor@example.org",
}
BETWEEN_MAILS = b"\n" + b"-" * 79 + b"\n"  # what Django's mailer writes after each mail of a file
MAILS_SHOWN = 200


def only_in_demo():
    if not settings.DEMO:
        raise Http404


@login_not_required
@require_POST
def sign_in(request):
    """Log in as the person of a role, without a code, as if all factors had been given."""
    only_in_demo()
    person = User.objects.filter(email=ROLES.get(request.POST.get("role")), is_active=True).first()
    if person is None:
        return render(request, "demo/no_such_role.html", {"roles": ROLES}, status=400)
    login(request, person)
    record_authentication(request, person, method="demo")
    return redirect(addresses.inside(request, request.POST.get("next", "")) or "/")


@login_not_required
@require_safe
def mail(request):
    """The mails of the demonstration, newest first; `?to=` narrows to one address."""
    only_in_demo()
    to = request.GET.get("to", "").strip().lower()
    mails = [sent for sent in sent_mails() if not to or to in sent["to"].lower()]
    return render(request, "demo/mail.html", {"mails": mails[:MAILS_SHOWN], "to": to, "number": len(mails)})


def sent_mails():
    """What the mailer has written into its folder: to, subject, text and moment, newest first."""
    found = []
    # A second may hold several mails: then the one whose file was written last is the newest.
    for path in sorted((settings.DATA / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
        # One that is being written at this moment is read next time.
        found += [_read(part) for part in path.read_bytes().split(BETWEEN_MAILS)[:-1]]
    return [sent for _n, sent in sorted(enumerate(found), key=lambda pair: (pair[1]["at"], pair[0]), reverse=True)]


def _read(content):
    message = email.message_from_bytes(content, policy=policy.default)
    body = message.get_body(preferencelist=("plain",))
    return {
        "to": str(message["To"] or ""),
        "subject": str(message["Subject"] or _("(no subject)")),
        "at": parsedate_to_datetime(message["Date"]),
        "text": body.get_content() if body else "",
    }
