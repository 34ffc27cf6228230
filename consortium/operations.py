"""The record of an ESF project, as the public list of operations asks for it: begun, changed, and held against itself.

Every field may stay empty, which is shown as not stated. Its codes are those of the lists; nobody writes one.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import objections, project_states
from consortium.models import EsfOperation, EsfPeriod, PlannedActivity, PlannedActivityKind, Programme
from consortium.objections import remark
from consortium.permissions import NotAllowed
from westum.base.formats import day, listed
from westum.base.forms import Changed
from westum.base.text import sort_key

CREATED = gettext_noop("created the record of the operation")
CHANGED = gettext_noop("changed the record of the operation")

LEVELS = ["is_local", "is_regional", "is_international"]
PERIODS = {
    Programme.ESF: [EsfPeriod.FROM_2007, EsfPeriod.FROM_2014],
    Programme.ESF_PLUS: [EsfPeriod.FROM_2021],
}
# First and last day on which the funds of a period pay for anything: Regulations (EC) 1083/2006 Art. 56(1),
# (EU) 1303/2013 Art. 65(2), (EU) 2021/1060 Art. 63(2).
PAID = {
    EsfPeriod.FROM_2007: (date(2007, 1, 1), date(2015, 12, 31)),
    EsfPeriod.FROM_2014: (date(2014, 1, 1), date(2023, 12, 31)),
    EsfPeriod.FROM_2021: (date(2021, 1, 1), date(2029, 12, 31)),
}


def have_a_record(project):
    """Projects that the list of operations is about, and that are ours to describe."""
    return project.programme in PERIODS and not project.is_reference_record


def of(project):
    """The project's record; a new one, not saved, with what the register knows of the owner, where there is none yet."""
    found = EsfOperation.objects.filter(project=project).select_related("project__owner").first()
    return found or _begun(project)


def _begun(project):
    owner = project.owner
    return EsfOperation(
        project=project,
        period=PERIODS[project.programme][-1],
        country=owner.country,
        fund=project.programme,
        owner_name=owner.legal_name or owner.name,
        owner_number=(owner.organisation_number or "").replace("-", ""),
        owner_postal_code=owner.postal_code.replace(" ", ""),
        owner_city=owner.city,
    )


def planned(operation):
    """Kind of activity → the levels at which it is planned; kinds that are not planned are left out."""
    if operation._state.adding:
        return {}
    return {row.kind: [level for level in LEVELS if getattr(row, level)] for row in operation.planned_activities.all()}


@transaction.atomic
def keep(*, operation, municipalities, activities, by):
    """Save the record that the caller has begun or edited in memory, with its municipalities and its activities.

    `activities` is as `planned` gives it. Raises NotAllowed when the project has ended or has no such record, Changed
    when somebody else was faster, and ValidationError with a sentence at each field that disagrees with another.
    """
    project = project_states.locked_open(operation.project)
    if not have_a_record(project):
        raise NotAllowed(_("Only a project of the Social Fund has this record."))
    insist_on_agreement(project, operation)
    is_new = operation._state.adding
    notes = [] if is_new else _notes(operation, municipalities, activities)
    if not is_new:
        operation.bump_version()
    elif EsfOperation.objects.filter(project=project).exists():
        raise Changed
    operation._change_reason = "\n".join(filter(None, [CREATED if is_new else CHANGED, " ".join(notes)]))
    operation.save()
    operation.municipalities.set(municipalities)
    _plan(operation, activities)
    return operation


def _plan(operation, activities):
    there = {row.kind: row for row in operation.planned_activities.all()}
    for position, kind in enumerate(PlannedActivityKind.values, start=1):
        if kind not in activities:
            if kind in there:
                there[kind].delete()
            continue
        row = there.get(kind) or PlannedActivity(operation=operation, kind=kind)
        row.position = position
        for level in LEVELS:
            setattr(row, level, level in activities[kind])
        row.save()


def _notes(operation, municipalities, activities):
    """What the fields of the record's own row do not say, before and after, for its history."""
    changes = [
        (_("Municipalities: %(before)s → %(after)s."), _named(operation.municipalities.all()), _named(municipalities)),
        (_("Planned activities: %(before)s → %(after)s."), _told(planned(operation)), _told(activities)),
    ]
    return [said % {"before": before, "after": after} for said, before, after in changes if before != after]


def _named(municipalities):
    return ", ".join(sorted(map(str, municipalities), key=sort_key)) or "–"


def _told(activities):
    labels = {level: str(PlannedActivity._meta.get_field(level).verbose_name) for level in LEVELS}
    return (
        "; ".join(
            f"{kind.label} ({listed([labels[level] for level in activities[kind]])})"
            if activities[kind]
            else str(kind.label)
            for kind in PlannedActivityKind
            if kind in activities
        )
        or "–"
    )


def insist_on_agreement(project, operation):
    """What the record says in one field agrees with the others, and with the project's programme and period."""
    found = disagreements(project, operation)
    if found:
        raise ValidationError({field: [sentence] for field, sentence in found.items()})


def disagreements(project, operation):
    """A sentence for each field that disagrees with another."""
    return dict(_disagreements(project, operation))


def _disagreements(project, operation):
    period, area, objective = operation.period, operation.programme_area, operation.specific_objective
    if period not in PERIODS[project.programme]:
        yield "period", _("This is no period of the project's programme. Choose another one.")
    for name in ("programme_area", "specific_objective", "intervention_type"):
        code = getattr(operation, name)
        if code and code.period != period:
            yield (
                name,
                _("%(code)s is a code of %(period)s. Choose one of the record's own period.")
                % {"code": code.code, "period": code.period},
            )
    if area and objective and not objective.code.startswith(area.code):
        yield (
            "specific_objective",
            _("The objective %(objective)s is none of programme area %(area)s. Change one of the two.")
            % {"objective": objective.code, "area": area.code},
        )
    if operation.region and operation.region.is_nuts2 and operation.nuts2 not in ("", operation.region.code):
        yield (
            "nuts2",
            _("%(region)s has the NUTS 2 code %(code)s. Change one of the two.")
            % {"region": operation.region.name, "code": operation.region.code},
        )


def beyond_what_is_paid(operation):
    """Remarks on decided days for which the funds of the programme period do not pay.

    The record itself is not refused: the decision is entered elsewhere, and there may be no other period to choose.
    """
    starts_on, ends_on = operation.project.period
    first, last = PAID[operation.period]
    decided = reverse("consortium:decisions", args=[operation.project.slug])
    if starts_on and starts_on < first:
        said = _(
            "The project begins on %(day)s; the funds of %(period)s pay from %(first)s. Look whether the decision has the right day."
        )
        said %= {"day": day(starts_on), "period": operation.period, "first": day(first)}
        yield remark(said, decided, link=_("To the decisions"))
    if ends_on and ends_on > last:
        said = _(
            "The project ends on %(day)s; the funds of %(period)s pay until %(last)s. Look whether the decision has the right day."
        )
        said %= {"day": day(ends_on), "period": operation.period, "last": day(last)}
        yield remark(said, decided, link=_("To the decisions"))


def insist_on_programme(project):
    """A changed programme still has the period of the record that there is. Called by whoever changes it, under the lock."""
    operation = EsfOperation.objects.filter(project=project).first()
    if operation and operation.period not in PERIODS[project.programme]:
        raise NotAllowed(
            _("The record of the operation is one of %(period)s. The programme stays.") % {"period": operation.period},
            field="programme",
        )


def to_be_begun(project):
    """Is the record still to be written?"""
    return have_a_record(project) and not EsfOperation.objects.filter(project=project).exists()


def _to_starting(project):
    if to_be_begun(project):
        yield remark(
            _("The record of the operation has not been written, so the public page does not show it."),
            reverse("consortium:operation", args=[project.slug]),
            link=_("Write the record"),
        )


objections.register("start", _to_starting)
