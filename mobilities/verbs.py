"""What the history says that somebody did. The rules write these words; here the translators find them."""

from django.utils.translation import pgettext_lazy

SENT_BACK = "sent back"  # `next_steps` looks for these lines
HOST_MERGED = "merged two rows of the host"

DEEDS = [
    pgettext_lazy("history", "registered"),
    pgettext_lazy("history", "chose focus areas"),
    pgettext_lazy("history", "changed"),
    pgettext_lazy("history", "corrected"),
    pgettext_lazy("history", "submitted"),
    pgettext_lazy("history", "sent back"),
    pgettext_lazy("history", "gave a place"),
    pgettext_lazy("history", "accepted"),
    pgettext_lazy("history", "noted the funder's system"),
    pgettext_lazy("history", "noted that the stay has begun"),
    pgettext_lazy("history", "noted that the stay is over"),
    pgettext_lazy("history", "noted that it is reported"),
    pgettext_lazy("history", "closed"),
    pgettext_lazy("history", "withdrew"),
    pgettext_lazy("history", "cancelled"),
    pgettext_lazy("history", "merged two rows of the host"),
    pgettext_lazy("history", "gave access"),
    pgettext_lazy("history", "uploaded"),
    pgettext_lazy("history", "replaced"),
    pgettext_lazy("history", "sent in the placement report"),
    pgettext_lazy("history", "accepted the placement report"),
    pgettext_lazy("history", "sent the placement report back"),
]
