from mobilities.models.documents import Document, DocumentKind, DocumentState
from mobilities.models.grants import GrantLine, GrantPhase
from mobilities.models.mobilities import Mobility, TravelMode
from mobilities.models.participants import Participant, ParticipantGroup
from mobilities.models.partnerships import (
    PartnershipPhase,
    PartnershipRating,
    PartnershipReview,
    PartnershipStatement,
    Score,
    Side,
)
from mobilities.models.placement_reports import PlacementReport, PlacementReportState
from mobilities.models.rates import (
    CountryGroup,
    FundedDayTier,
    Payee,
    TierAudience,
    TravelDayLimit,
    UnitCost,
    UnitCostKind,
)
from mobilities.models.states import FunderState, MobilityState

__all__ = [
    "CountryGroup",
    "Document",
    "DocumentKind",
    "DocumentState",
    "FundedDayTier",
    "FunderState",
    "GrantLine",
    "GrantPhase",
    "Mobility",
    "MobilityState",
    "Participant",
    "ParticipantGroup",
    "PartnershipPhase",
    "PartnershipRating",
    "PartnershipReview",
    "PartnershipStatement",
    "Payee",
    "PlacementReport",
    "PlacementReportState",
    "Score",
    "Side",
    "TierAudience",
    "TravelDayLimit",
    "TravelMode",
    "UnitCost",
    "UnitCostKind",
]
