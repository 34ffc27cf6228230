"""One language at a time: every page that a person can reach, in Swedish without English words and the other way round."""

import html
import re

import pytest
from django.test import Client

from mobilities.models import MobilityState
from tests import factories
from tests.test_words import ENGLISH, SWEDISH, foreign

OTHER = {"sv": ENGLISH, "en": SWEDISH}
ELSEWHERE = ("/styleguide/", "/static/", "/accounts/logout/", "/documents/")  # for whoever builds the look; no pages
UNREAD = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<title>[^<]*</title>", re.DOTALL)
SPOKEN = re.compile(r'(?:alt|title|placeholder|aria-label|data-label)="([^"]*)"')


def text_of(page):
    """What is read or read aloud, without what says itself that it is in another language."""
    page = UNREAD.sub(" ", page)
    page = re.sub(r'<(a|button|span|b|p)\b[^>]*\slang="(?!sv"|en")[^>]*>.*?</\1>', " ", page, flags=re.DOTALL)
    page = re.sub(r'<(a|button|span|b|p)\b[^>]*\slang="\w+"[^>]*>.*?</\1>', " ", page, flags=re.DOTALL)
    return html.unescape(f"{re.sub(r'<[^>]+>', ' | ', page)} {' '.join(SPOKEN.findall(page))}")


def walk(client, start="/"):
    """Each kind of page that links lead to, once, and every mobility: (path, text)."""
    waiting, seen = [start], set()
    while waiting:
        path = waiting.pop(0)
        kind = path.split("?")[0]
        if not re.fullmatch(r"/mobilities/\d+/", kind):  # of which each is in another state
            kind = re.sub(r"\d+", "0", kind)
        if kind in seen:
            continue
        seen.add(kind)
        response = client.get(path, follow=True)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page = response.content.decode()
            yield path, text_of(page)
            links = [html.unescape(link).split("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)]
            waiting += [link for link in links if not link.startswith(ELSEWHERE)]


@pytest.fixture
def journeys(project, member_a, host, traveller, coordinator, contact):
    """A mobility in each state, so that every word for it is on some page."""
    for state in MobilityState.values:
        factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, state=state)
    factories.MobilityFactory(
        project=project, participant=traveller, receiving_organisation=host, state="submitted", has_place=False
    )
    factories.MobilityFactory(project=project, participant__organisation=member_a, state="completed")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("person", [None, "coordinator", "contact", "participant"])
def test_pages_speak_one_language(person, language, journeys, request):
    client = Client(headers={"Accept-Language": language})
    if person:
        client.force_login(request.getfixturevalue(person))
    pages = list(walk(client))
    assert len(pages) >= 5
    print(
        f"\n{person or 'anybody'}, {language}: {len(pages)} pages, {sum(len(text.split()) for _p, text in pages)} words"
    )
    assert {path: found for path, text in pages if (found := foreign(text, OTHER[language]))} == {}


def test_word_of_the_other_language_is_found():
    page = '<h1>Idag</h1><img alt="A map of the region"><a lang="en" href="/">Read this</a><script>the</script>'
    assert foreign(text_of(page), ENGLISH) == {"of", "the"}
