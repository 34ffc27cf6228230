from django.urls import path

from reporting.views import budgets, desk, grant_statements, pages, public, reports, start, statements, verify

app_name = "reporting"
urlpatterns = [
    path("", start.start, name="start"),
    path("projects/", public.projects, name="projects"),
    path("projects/<slug:slug>/", public.project, name="project"),
    path("network/", public.network, name="network"),
    path("members/<int:pk>/", public.member, name="member"),
    path("counted/", pages.counted, name="counted"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:code>/", verify.verify_code, name="verify_code"),
    path("desk/", desk.desk, name="desk"),
    path("desk/<slug:slug>/", desk.project, name="desk_project"),
    path("desk/<slug:slug>/budget/", budgets.budget, name="budget"),
    path("organisations/<int:pk>/statement/", statements.statement, name="statement"),
    path("organisations/<int:pk>/statement/order/", statements.order_statement, name="order_statement"),
    path("mobilities/<int:pk>/statement/", grant_statements.grant_statement, name="grant_statement"),
    path("reports/", reports.reports, name="reports"),
    path("reports/new/", reports.order_report, name="order_report"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/progress/", reports.progress, name="report_progress"),
    path("reports/<int:pk>/pdf/", reports.pdf, name="report_pdf"),
    path("reports/<int:pk>/retry/", reports.retry, name="retry_report"),
]
