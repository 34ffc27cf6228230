from reporting.models.reports import Report, ReportKind

__all__ = ["Report", "ReportKind"]
