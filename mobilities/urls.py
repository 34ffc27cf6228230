
app_name = "mobilities"
urlpatterns = []
