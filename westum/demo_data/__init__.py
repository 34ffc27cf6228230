"""The invented people and journeys of a demonstration, the same each time; `manage.py load_demo` puts them in.

Only an installation that `manage.py demo` made takes them. Days are reckoned from the day on which it was first started.
"""
