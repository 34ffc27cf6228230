"""What invented travellers tell: the answers of a placement report, and the small PDF that they bring."""

import io
from textwrap import wrap

import pikepdf
from pikepdf import Dictionary, Name

from westum.base import files

# By focus area: what the traveller did, and what the traveller learned, in Swedish and in English.
ANSWERS = {
    "1": {
        "sv": (
            "Jag följde med på morgonpassen, hjälpte till vid måltiderna och pratade mycket med dem som bor där.",
            "Jag lärde mig att vänta in den äldre och att ett leende räcker långt när orden tar slut.",
        ),
        "en": (
            "I joined the morning shifts, helped at meals and talked a lot with the people who live there.",
            "I learned to give older people time, and that a smile goes far when words run out.",
        ),
    },
    "2": {
        "sv": (
            "Jag arbetade i köket på förmiddagen och i matsalen på kvällen, och fick göra en egen meny den sista veckan.",
            "Jag lärde mig att planera inköp, att arbeta fort utan stress och att ta emot gäster på engelska.",
        ),
        "en": (
            "I worked in the kitchen in the morning and in the dining room at night, and made a menu of my own in the last week.",
            "I learned to plan purchases, to work fast without stress and to receive guests in English.",
        ),
    },
    "3": {
        "sv": (
            "Jag var med när styrningen av en anläggning byttes och fick mäta, felsöka och skriva protokoll.",
            "Jag lärde mig hur de dokumenterar varje steg och hur man frågar när man inte förstår ritningen.",
        ),
        "en": (
            "I was there when the controls of a plant were replaced, and measured, traced faults and kept the log.",
            "I learned how they document each step, and how to ask when a drawing is unclear.",
        ),
    },
    "4": {
        "sv": (
            "Jag fick se hur de planerar arbetet tillsammans i ett digitalt verktyg och provade det själv med en grupp.",
            "Jag tar med mig deras korta avstämning varje vecka; den vill vi prova hemma.",
        ),
        "en": (
            "I saw how they plan their work together in a digital tool, and tried it myself with a group.",
            "I bring home their short meeting each week; we want to try it at home.",
        ),
    },
    "5": {
        "sv": (
            "Jag jobbskuggade två lärare som undervisar i språk och yrke samtidigt.",
            "Jag lärde mig hur de prövar vad eleven redan kan innan kursen börjar.",
        ),
        "en": (
            "I shadowed two teachers who teach the language and the occupation at the same time.",
            "I learned how they test what a learner already knows before the course begins.",
        ),
    },
}
HEADS = {
    "sv": ("Praktikrapport", "Reserapport", "Vad jag gjorde", "Vad jag lärde mig", "Demonstration: allt är påhittat."),
    "en": (
        "Placement report",
        "Travel report",
        "What I did",
        "What I learned",
        "Demonstration: all of it is invented.",
    ),
}


def answers(plan):
    return ANSWERS[plan.goals[0].code][plan.participant.language]


def keep(plan, moment):
    """The traveller's PDF as a stored file."""
    learner, staff, did, learned, note = HEADS[plan.participant.language]
    head = learner if plan.participant.is_learner else staff
    first, second = answers(plan)
    place = f"{plan.host.name}, {plan.start:%Y-%m-%d} – {plan.end:%Y-%m-%d}"
    content = one_page([(18, head), (11, place), (14, did), (11, first), (14, learned), (11, second), (9, note)])
    stored = files.keep(content, name=f"{head.lower().replace(' ', '-')}.pdf", content_type="application/pdf")
    stored.created_at = moment
    stored.save(update_fields=["created_at"])
    return stored


def one_page(paragraphs):
    """A PDF of one A4 page, of (size in points, text) paragraphs; the same text gives the same bytes.

    Western European letters alone: the font is one of those that every reader has.
    """
    commands, height = ["BT"], 790
    for size, text in paragraphs:
        height -= size
        for line in wrap(text, int(950 / size)):
            shown = line.encode("cp1252").hex()
            commands.append(f"/F {size} Tf 1 0 0 1 60 {height} Tm <{shown}> Tj")
            height -= size * 1.4
    commands.append("ET")
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream("\n".join(commands).encode())
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()
