"""The words: the catalogue has all that the source says, once, in whole and plain Swedish (A5 of the quality goals)."""

import ast
import gettext
import io
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "westum" / "locale" / "sv" / "LC_MESSAGES" / "django.po"
SPOKEN = ["consortium", "mobilities", "reporting", "westum", "templates"]

# What the source says. Each message is (context, sentence, plural); "" where there is none.

# The functions of django.utils.translation, by what their arguments are.
CALLS = {
    **dict.fromkeys(["gettext", "gettext_lazy", "gettext_noop"], ["sentence"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], ["sentence", "plural"]),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ["context", "sentence"]),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ["context", "sentence", "plural"]),
}
TEXT = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATES = re.compile(rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*({TEXT}(?:\s*,\s*{TEXT})*)")


def message(names, values):
    found = dict(zip(names, values, strict=False))
    return found.get("context", ""), found["sentence"], found.get("plural", "")


def translation_names(tree):
    """What the module calls the functions: {"_": "gettext_lazy", …}."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in CALLS
    }


def calls_in(source):
    """Calls of translation functions whose sentence stands there: (node, message)."""
    tree = ast.parse(source)
    names = translation_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            wanted = CALLS[names[node.func.id]]
            given = [arg.value for arg in node.args[: len(wanted)] if isinstance(arg, ast.Constant)]
            if len(given) == len(wanted):
                yield node, message(wanted, given)


def of_python(source):
    return {found for _node, found in calls_in(source)}


def of_template(source):
    found = set()
    for name, arguments in IN_TEMPLATES.findall(templatize(source)):
        wanted = CALLS["gettext" if name == "_" else name]
        call = ast.parse(f"f({arguments})", mode="eval").body
        found.add(message(wanted, [arg.value for arg in call.args[: len(wanted)]]))
    return found


@cache
def sources():
    """Path relative to the root → text, of all files from which makemessages reads."""
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in SPOKEN
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
    }


@cache
def spoken():
    """Message → the files that say it."""
    places = defaultdict(set)
    for path, text in sources().items():
        for found in of_python(text) if path.endswith(".py") else of_template(text):
            places[found].add(path)
    return places


# What the catalogue says


@cache
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def entries(po=None):
    """Message → entry of the catalogue."""
    found = {}
    for entry in po or catalogue():
        if entry.id:
            sentence, plural = (entry.id, "") if isinstance(entry.id, str) else entry.id
            found[(entry.context or "", sentence, plural)] = entry
    return found


def swedish(entry):
    return [entry.string] if isinstance(entry.string, str) else list(entry.string)


def test_catalogue_has_all_that_the_source_says_and_nothing_else():
    said, translated = set(spoken()), set(entries())
    assert sorted(said - translated) == []  # run: manage.py makemessages -l sv
    assert sorted(translated - said) == []
    print(f"\n{len(said)} messages of {len(sources())} files")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('from django.utils.translation import gettext_lazy as _\nx = _("A " "b")', {("", "A b", "")}),
        ('from django.utils.translation import npgettext\nnpgettext("c", "one", "many", n)', {("c", "one", "many")}),
        ('from django.utils.translation import pgettext\npgettext("history", verb)', set()),
        ('_ = lambda text: text\n_("Not ours")', set()),
    ],
)
def test_messages_of_python_are_found(source, found):
    assert of_python(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('<p>{% translate "It\'s (so)" %}</p>', {("", "It's (so)", "")}),
        ('{% translate "Open" context "door" %}', {("door", "Open", "")}),
        ('{% include "a.html" with label=_("Save") %}', {("", "Save", "")}),
        (
            "{% blocktranslate trimmed count counter=n %}\n one\n {% plural %} {{ counter }} rows {% endblocktranslate %}",
            {("", "one", "%(counter)s rows")},
        ),
    ],
)
def test_messages_of_templates_are_found(source, found):
    assert of_template(source) == found


# Whole entries


def incomplete(po):
    for key, entry in entries(po).items():
        texts = swedish(entry)
        if entry.fuzzy or not all(texts) or len(texts) != (po.num_plurals if key[2] else 1):
            yield key


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+[^>]*>|%%")


def differing(po):
    """Entries whose Swedish has other placeholders or tags, or another line at its ends, than the English."""
    for (context, sentence, plural), entry in entries(po).items():
        english = [sentence] if not plural else [sentence, plural]
        allowed = [sorted(PLACEHOLDER.findall(text)) for text in english]
        for text in swedish(entry):
            if sorted(PLACEHOLDER.findall(text)) not in allowed or text.strip() != text:
                yield context, sentence, plural


def po_of(text):
    head = 'msgid ""\nmsgstr ""\n"Language: sv\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return read_po(io.BytesIO((head + text).encode()))


def test_every_entry_is_whole():
    assert list(incomplete(catalogue())) == []
    assert list(catalogue().obsolete) == []


def test_every_entry_has_the_placeholders_of_its_sentence():
    assert list(differing(catalogue())) == []


@pytest.mark.parametrize(
    "text",
    [
        'msgid "Save"\nmsgstr ""\n',
        '#, fuzzy\nmsgid "Save"\nmsgstr "Spara"\n',
        'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s rad"\nmsgstr[1] ""\n',
    ],
)
def test_gap_is_found(text):
    assert len(list(incomplete(po_of(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        'msgid "Hello %(name)s"\nmsgstr "Hej %(namn)s"\n',
        'msgid "Page {page}"\nmsgstr "Sida"\n',
        'msgid "A <b>word</b>"\nmsgstr "Ett ord"\n',
        'msgid "Save"\nmsgstr "Spara "\n',
    ],
)
def test_other_placeholder_is_found(text):
    assert len(list(differing(po_of(text)))) == 1


def compiled(file):
    sentences = dict(gettext.GNUTranslations(file)._catalog)
    sentences.pop("")  # the head, in which tools name themselves
    return sentences


def test_compiled_catalogue_says_the_same():
    fresh = io.BytesIO()
    write_mo(fresh, catalogue())
    fresh.seek(0)
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        assert compiled(file) == compiled(fresh)  # else run: manage.py compilemessages


# Sentences that can be translated


def in_pieces(source):
    """Sentences that xgettext does not see, or that are put together before they are translated."""
    tree = ast.parse(source)
    names = translation_names(tree)

    def is_translation(node):
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names

    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (inner.lineno for inner in ast.walk(node) if is_translation(inner))
        elif is_translation(node) and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            yield node.lineno


def test_sentences_are_translated_whole():
    found = {path: list(in_pieces(text)) for path, text in sources().items() if path.endswith(".py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("line", ["_(f'{n} rows')", "_('Hello, ' + name)", "f'{_(\"Hello\")} {name}'"])
def test_sentence_in_pieces_is_found(line):
    assert list(in_pieces(f"from django.utils.translation import gettext as _\n{line}")) == [2]


# The verbs of the history are written by rules and translated when they are read, so nothing but this ties them.


def texts_written(value):
    """The text with which the value begins; both texts of a choice; nothing for a name."""
    if isinstance(value, ast.IfExp):
        return [*texts_written(value.body), *texts_written(value.orelse)]
    if isinstance(value, ast.JoinedStr):
        return texts_written(value.values[0])
    return [value.value] if isinstance(value, ast.Constant) else []


def deeds_in(source):
    """The verbs that the module writes into histories as plain text; a person's words follow on the next line."""
    for node in ast.walk(ast.parse(source)):
        values = []
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "_change_reason":
            values = [node.value]
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            values = [keyword.value for keyword in node.keywords if keyword.arg in {"verb", "default_change_reason"}]
            if name == "happens":
                values += node.args[:1]
            elif name == "Tale":
                values += node.args[1:2]
            elif name in {"create_many", "update_many"}:
                values += [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        yield from (text.partition("\n")[0] for value in values for text in texts_written(value))


def test_every_deed_is_in_the_catalogue():
    known = {sentence for context, sentence, _plural in entries() if context in {"", "history"}}
    found = {deed for path, text in sources().items() if path.endswith(".py") for deed in deeds_in(text)}
    assert {"submitted", "gave access", "sent back"} <= found
    assert found - known == set()


@pytest.mark.parametrize(
    "line",
    ['row._change_reason = "done so"', 'save(row, verb=f"done so\\n{why}")', 'tale.happens("done so", moment, by)'],
)
def test_deed_is_found(line):
    assert list(deeds_in(line)) == ["done so"]


# One language at a time

ENGLISH = {
    "the",
    "and",
    "please",
    "of",
    "with",
    "your",
    "this",
    "you",
    "not",
    "or",
    "from",
    "are",
    "was",
    "that",
    "they",
}
SWEDISH = {
    "och",
    "är",
    "inte",
    "som",
    "ett",
    "det",
    "att",
    "av",
    "på",
    "för",
    "till",
    "vill",
    "ska",
    "du",
    "eller",
    "från",
}
NAMES = ["Isle of Man"]


def words(text):
    """The words a reader reads: no placeholders, tags, addresses or codes."""
    plain = re.sub(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>|https?://\S+", " ", text)
    return re.findall(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*", plain)


def foreign(text, other):
    for name in NAMES:
        text = text.replace(name, "")
    return {word.lower() for word in words(text)} & other


def test_swedish_has_no_english_words_and_english_no_swedish():
    mixed = [text for entry in entries().values() for text in swedish(entry) if foreign(text, ENGLISH)]
    mixed += [key for key in entries() if foreign(f"{key[1]} {key[2]}", SWEDISH)]
    assert mixed == []


def test_foreign_word_is_found():
    assert foreign("Öppna the dörren", ENGLISH) == {"the"}
    assert foreign("Open och close", SWEDISH) == {"och"}


# Plain words

BLAME = re.compile(r"\b(o?giltig\w*|felaktig\w*|otillåt\w*|invalid|illegal|forbidden|wrong input)\b", re.IGNORECASE)


def test_nobody_is_blamed():
    texts = [text for key, entry in entries().items() for text in (key[1], key[2], *swedish(entry))]
    assert [text for text in texts if BLAME.search(text)] == []


def test_blame_is_found():
    assert BLAME.search("Koden är ogiltig.")


def running(texts):
    """Without buttons and labels: as sentences of one word they would make every text easy."""
    return [text for text in texts if text.endswith((".", "!", "?", ":"))]


def lix(texts):
    """Words a sentence plus long words (more than six letters) a hundred. 30 to 40 is easy, 50 to 60 an authority."""
    counted = [word for text in running(texts) for word in words(text)]
    sentences = sum(len(re.findall(r"[.!?:](?=\s|$)", text)) for text in running(texts))
    return len(counted) / sentences + 100 * sum(len(word) > 6 for word in counted) / len(counted)


# What somebody who travels reads.
FOR_TRAVELLERS = [
    "mobilities/journey.py",
    "templates/mobilities/journey",
    "templates/mobilities/placement_report",
    "templates/account/",
    "templates/emails/participant_",
    "templates/emails/placement_report_",
    "templates/emails/login_code",
    "templates/consortium/invitation",
    "templates/session_expired.html",
]


def texts_of(is_wanted):
    known = entries()
    wanted = sorted(key for key, places in spoken().items() if any(map(is_wanted, places)))
    return [swedish(known[key])[0] for key in wanted if key in known]


def is_for_travellers(path):
    return path.startswith(tuple(FOR_TRAVELLERS))


@pytest.mark.parametrize("place", FOR_TRAVELLERS)
def test_words_for_travellers_are_easy(place):
    texts = texts_of(lambda path: path.startswith(place))
    assert texts
    print(f"\n{place}: LIX {lix(texts):.0f} of {sum(len(words(text)) for text in texts)} words")
    assert lix(texts) <= 35


def test_words_for_everyone_else_are_plain():
    """All together, and every page with enough words to be measured."""
    pages = {path: running(texts_of(lambda place, path=path: place == path)) for path in sources()}
    easy = {path: lix(texts) for path, texts in pages.items() if sum(len(words(text)) for text in texts) >= 50}
    hardest = max(easy, key=easy.get)
    everything = texts_of(lambda path: not is_for_travellers(path))
    print(f"\nLIX {lix(everything):.0f}; {len(easy)} files, the hardest {hardest} has {easy[hardest]:.0f}")
    assert lix(everything) <= 45
    assert {path: value for path, value in easy.items() if value > 45} == {}


def test_hard_text_is_found():
    assert (
        lix(["Deltagarens placeringsrapport kvalitetssäkras fortlöpande av mottagarorganisationens handledare."]) > 45
    )
    assert lix(["Du åker snart. Vi skriver till dig."]) < 35


# Errors: what is wrong and the way out, in twenty words

RAISED = {"ValidationError", "NotAllowed", "Refused", "PaperFailed", "_refuse", "add_error", "refuse", "_require"}
MADE_OF_ERRORS = {"westum/base/refusals.py", "mobilities/eligibility.py"}
LIMIT = 20


def names_of(targets):
    return {target.id for target in targets if isinstance(target, ast.Name)}


def errors_in(path, source):
    """The messages of the module that a person reads after something went wrong."""
    if path in MADE_OF_ERRORS:
        return of_python(source)
    tree = ast.parse(source)
    wanted = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RAISED:
            wanted.append(node)
        elif isinstance(node, ast.keyword) and node.arg in {"violation_error_message", "error_messages"}:
            wanted.append(node.value)
        elif isinstance(node, ast.ClassDef) and RAISED & {getattr(base, "id", "") for base in node.bases}:
            wanted.append(node)
    named = {inner.id for node in wanted for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    wanted += [node.value for node in tree.body if isinstance(node, ast.Assign) and named & names_of(node.targets)]
    lines = {
        (inner.lineno, inner.col_offset) for node in wanted for inner in ast.walk(node) if hasattr(inner, "lineno")
    }
    return {found for node, found in calls_in(source) if (node.lineno, node.col_offset) in lines}


def errors():
    return {found for path, text in sources().items() if path.endswith(".py") for found in errors_in(path, text)}


def test_errors_are_short():
    found = errors()
    assert len(found) > 80
    said = [text for key in found if key in entries() for text in (key[1], *swedish(entries()[key]))]
    print(f"\n{len(found)} errors, the longest has {max(len(words(text)) for text in said)} words")
    assert [text for text in said if len(words(text)) > LIMIT] == []


@pytest.mark.parametrize(
    "line",
    [
        'raise ValidationError(_("No."), code="x")',
        'x = CheckConstraint(violation_error_message=_("No."))',
        'self.add_error("name", _("No."))',
        'NO = _("No.")\nclass Changed(ValidationError):\n    def __init__(self):\n        super().__init__(NO)',
    ],
)
def test_error_is_found(line):
    source = f"from django.utils.translation import gettext_lazy as _\n{line}"
    assert errors_in("consortium/people.py", source) == {("", "No.", "")}
