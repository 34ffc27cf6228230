from consortium.models.budget_shares import BudgetShare
from consortium.models.decisions import AwardedLine, Currency, Decision, DecisionKind
from consortium.models.goals import Goal, GoalAudience, GoalKind, GoalRule
from consortium.models.hosts import Acquaintance, HostVerdict, MergedHost
from consortium.models.member_papers import MemberPaper, MemberPaperKind
from consortium.models.members import Allocation, MemberRole, ProjectMember
from consortium.models.memberships import Invitation, Membership
from consortium.models.milestones import CalendarAddress, Milestone, MilestoneKind, MilestoneReminder
from consortium.models.municipalities import Municipality
from consortium.models.network import NetworkMembership
from consortium.models.operations import (
    EsfCode,
    EsfCodeKind,
    EsfOperation,
    EsfPeriod,
    EsfPhase,
    PlannedActivity,
    PlannedActivityKind,
    PrintedPartner,
)
from consortium.models.organisations import Organisation, OrganisationKind, OrganisationName
from consortium.models.projects import Programme, Project, ProjectState
from consortium.models.reference import (
    ActivityType,
    Audience,
    BudgetCategory,
    FieldOfWork,
    Language,
    SourceStatus,
)
from consortium.models.share_moves import ShareMove
from consortium.models.texts import ProjectText
from consortium.models.users import User
from consortium.models.wishes import AnswerState, Wish, WishAnswer, WishRequest

__all__ = [
    "Acquaintance",
    "ActivityType",
    "Allocation",
    "AnswerState",
    "Audience",
    "AwardedLine",
    "BudgetCategory",
    "BudgetShare",
    "Currency",
    "CalendarAddress",
    "Decision",
    "DecisionKind",
    "EsfCode",
    "EsfCodeKind",
    "EsfOperation",
    "EsfPeriod",
    "EsfPhase",
    "FieldOfWork",
    "Goal",
    "GoalAudience",
    "GoalKind",
    "GoalRule",
    "HostVerdict",
    "Invitation",
    "Language",
    "MemberPaper",
    "MemberPaperKind",
    "MemberRole",
    "Membership",
    "MergedHost",
    "Milestone",
    "MilestoneKind",
    "MilestoneReminder",
    "Municipality",
    "NetworkMembership",
    "Organisation",
    "OrganisationKind",
    "OrganisationName",
    "PlannedActivity",
    "PlannedActivityKind",
    "PrintedPartner",
    "Programme",
    "Project",
    "ProjectMember",
    "ProjectState",
    "ProjectText",
    "SourceStatus",
    "ShareMove",
    "User",
    "Wish",
    "WishAnswer",
    "WishRequest",
]
