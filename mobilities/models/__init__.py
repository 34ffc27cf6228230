from mobilities.models.documents import Document, DocumentKind, DocumentState
from mobilities.models.mobilities import Mobility, TravelMode
from mobilities.models.participants import Participant, ParticipantGroup
from mobilities.models.placement_reports import PlacementReport, PlacementReportState
from mobilities.models.states import FunderState, MobilityState

__all__ = [
    "Document",
    "DocumentKind",
    "DocumentState",
    "FunderState",
    "Mobility",
    "MobilityState",
    "Participant",
    "ParticipantGroup",
    "PlacementReport",
    "PlacementReportState",
    "TravelMode",
]
