"""axe in the page: what breaks its rules, and what it could not decide and a person has decided."""

import csv
from pathlib import Path

from tests.browser import contrast

HERE = Path(__file__).parent
SOURCE = (HERE / "axe.min.js").read_text()
VERDICTS = HERE / "axe_verdicts.csv"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async tags => {
  const result = await axe.run(document, {
    runOnly: {type: "tag", values: tags}, resultTypes: ["violations", "incomplete"], elementRef: false,
  });
  const short = found => found.map(({id, nodes}) => ({id, nodes: nodes.map(node => ({
    where: node.target.flat().join(" "), html: node.html.slice(0, 160),
    why: [...node.any, ...node.all, ...node.none].map(check => check.message).join(" "),
  }))}));
  return {violations: short(result.violations), incomplete: short(result.incomplete)};
}"""


# Colours and sizes are measured in the page's own fonts: a page that axe takes at once has not been drawn yet.
DRAWN = "() => { document.body.getBoundingClientRect(); return document.fonts.ready.then(() => null); }"
MATCHES = "([where, selector]) => document.querySelector(where).matches(selector)"


def run(page, verdicts=()):
    """What axe holds against the page as it is now, as sentences; doubts among them that nothing has decided.

    A doubt about contrast is measured in the picture; any other needs a verdict of a person.
    """
    page.evaluate(DRAWN)
    page.evaluate(SOURCE)
    result = page.evaluate(RUN, TAGS)
    found = [_sentence(rule["id"], node) for rule in result["violations"] for node in rule["nodes"]]
    doubts = [(rule["id"], node) for rule in result["incomplete"] for node in rule["nodes"]]
    measured = contrast.decided(page, [node["where"] for rule, node in doubts if rule == "color-contrast"])
    for rule, node in doubts:
        if rule == "color-contrast" and node["where"] in measured:
            continue
        lines = [line for line in verdicts if line["rule"] == rule]
        if not any(page.evaluate(MATCHES, [node["where"], line["where"]]) for line in lines):
            found.append(f"undecided: {_sentence(rule, node)}")
    return found


def _sentence(rule, node):
    return f"{rule}: {node['where']}: {node['why']} {node['html']}"


def verdicts():
    """The lines of axe_verdicts.csv as dicts: rule, where (a selector), verdict, date."""
    with VERDICTS.open(newline="") as file:
        return list(csv.DictReader(file))
