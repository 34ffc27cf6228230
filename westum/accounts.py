"""Log-in by a code from the mail: what we do otherwise than django-allauth.

The pages answer the same for an address that somebody has and for one that nobody has, and take as long: the same
queries are made, and the mail goes out by a worker.
"""

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from consortium.models import User
from westum.base import addresses, languages, letters
from westum.base.sentences import say_plainly

LOGIN_CODE = "account/email/login_code"  # what allauth calls this mail
TRUST_STAGE = "allauth.mfa.stages.TrustStage"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Look in the newest mail from Westum and type it again."),
        "too_many_login_attempts": _("That was too often. Wait a few minutes and try again."),
        "rate_limited": _("That was too often. Wait a few minutes and try again."),
    }

    def get_login_stages(self):
        """Whether to trust the browser is asked together with the second factor, not on a page of its own."""
        return [stage for stage in super().get_login_stages() if stage != TRUST_STAGE]

    def is_open_for_signup(self, request):
        """People come in by invitation alone."""
        return False

    def is_safe_url(self, url):
        return bool(addresses.inside(self.request, url))

    def send_mail(self, template_prefix, email, context):
        """Our one mail, in the language of the person; by letter, so that a mail server holds up no page."""
        if template_prefix != LOGIN_CODE:
            raise NotImplementedError(template_prefix)
        send_code(email, context["code"])

    def respond_user_inactive(self, request, user):
        """An account that was closed between the code and its use. Nobody else learns that it exists."""
        messages.error(request, _("This account is closed. Ask the coordinator to open it."))
        return redirect("account_login")

    def post_login(self, request, user, **kwargs):
        """From the first page on, the portal speaks the person's language."""
        with translation.override(user.language):
            response = super().post_login(request, user, **kwargs)
        languages.remember(response, user.language)
        return response


class RequestCodeForm(forms.RequestLoginCodeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_plainly(self.fields["email"])
        self.fields["email"].error_messages["required"] = _("Write your e-mail address.")

    def clean_email(self):
        """The limits live in the cache. Without it nobody is let through, and nothing breaks."""
        try:
            return super().clean_email()
        except (RedisError, OSError):
            raise ValidationError(_("Nobody can log in at the moment. Try again in a few minutes.")) from None


class RequestCode(RequestLoginCodeView):
    form_class = RequestCodeForm

    def form_valid(self, form):
        response = super().form_valid(form)
        if form._user is None:
            send_code(form.cleaned_data["email"], code="")
        return response

    def _redirect_to_pending_stage(self, request, stage):
        """Who has asked for a code may still write another address."""
        look_as_for_a_person(stage)


class ConfirmCode(ConfirmLoginCodeView):
    def get_form_class(self):
        look_as_for_a_person(self.stage)
        return super().get_form_class()

    def get_form(self, *args, **kwargs):
        form = super().get_form(*args, **kwargs)
        if "code" in form.fields:  # the form that asks for a new one has no field
            form.fields["code"].error_messages["required"] = _("Write the code from the mail.")
        return form

    def _resend_form_valid(self, form):
        response = super()._resend_form_valid(form)
        if self._process.user is None:
            send_code(self._process.state["email"], code="")
        return response


def look_as_for_a_person(stage):
    """The query by which allauth has read the person, for a log-in behind whose address there is none."""
    if stage.login.user is None:
        User.objects.filter(email=stage.state["email"]).first()


def send_code(email, code):
    """Write the letter with the code, in the person's language; for an address that nobody has, write it to nobody."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    letters.post(
        to=user.email if user else None,
        template="emails/login_code",
        language=user.language if user else get_language(),
        context={"code": code},
    )


request_code = RequestCode.as_view()
confirm_code = ConfirmCode.as_view()
