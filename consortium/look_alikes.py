"""Is this organisation here already under a similar name? A warning for the person who enters it, never a refusal."""

from difflib import SequenceMatcher

from westum.base.text import fold

ALIKE = 0.86  # from 0 to 1: one letter in seven may differ
# Words that say what sort of organisation it is, not which one.
UNTOLD = {
    *("ab", "kommun", "ekonomisk", "forening", "as", "ag", "oy", "ou", "gmbh", "ev", "bv", "nv", "asbl", "sa", "sarl"),
    *("sl", "slu", "spa", "srl", "lda", "ltd", "inc", "foundation", "municipality", "of", "the"),
}


def core(name):
    """The words of a name that tell it from others, folded: "Alingsås kommun" and "ALINGSÅS" are both "alingsas"."""
    words = fold("".join(c if c.isalnum() else " " for c in name)).split()
    return " ".join([word for word in words if word not in UNTOLD] or words)


def among(organisations, *names):
    """Those of the organisations of which a name, full, registered or other, is like one of these; the likest first."""
    wanted = {core(name) for name in names if name}
    found = []
    for organisation in organisations:
        cores = {core(called) for called in names_of(organisation)}
        likeness = max(_likeness(one, other) for one in wanted for other in cores)
        if likeness >= ALIKE:
            found.append((likeness, organisation))
    return [organisation for _likeness, organisation in sorted(found, key=lambda pair: (-pair[0], pair[1].name))]


def of(organisation, others):
    """Those of the others that are like this one by any of its names."""
    return among(others, *names_of(organisation))


def names_of(organisation):
    others = organisation.other_names.all() if organisation.pk else []
    return [organisation.name, organisation.legal_name, *(other.name for other in others)]


def _likeness(one, other):
    if not one or not other:
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()
