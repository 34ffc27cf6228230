"""What WeasyPrint leaves out of PDF/UA-1: the scope of header cells, plain lists, and pictures that are only decoration.

Works on the structure tree just before it is written. Sources: ISO 32000-1, 14.8.4 (what may stand in what), Matterhorn Protocol 13 and 15.
"""

CELLS = {"/TD", "/TH"}


def complete(document, pdf):
    """The `finisher` of WeasyPrint's write_pdf."""
    name_scopes(document)
    elements = {
        thing.reference: thing
        for thing in pdf.objects
        if isinstance(thing, dict) and thing.get("Type") == "/StructElem"
    }
    for element in elements.values():
        if element["S"] == "/Figure" and "Alt" not in element:
            element["S"] = (
                "/NonStruct"  # decoration: pictures that say something have their words, or the paper was refused
            )
    for element in reversed(elements.values()):  # children come after their parents
        element["K"][:] = kids_of(element, elements)
        if element["S"] != "/Table":  # the caption of a <figure>: PDF knows captions of tables alone
            for kid in element["K"]:
                if elements.get(kid, {}).get("S") == "/Caption":
                    elements[kid]["S"] = "/P"


def name_scopes(document):
    """Screen readers tell the header of a column from that of a row by its scope (WeasyPrint issue 2508)."""
    for page in document.pages:
        for box in page._page_box.descendants():
            if box.element_tag == "th" and hasattr(box, "mark"):
                of_row = box.element.get("scope") == "row"
                box.mark["A"]["Scope"] = "/Row" if of_row else "/Column"


def kids_of(element, elements):
    """The children of an element without empty ones; in a list, those of a <div> around term and description stand in its place."""
    kids = []
    for kid in element["K"]:
        child = elements.get(kid)
        if child is None:  # marked content or a link, not an element
            kids.append(kid)
        elif element["S"] == "/L" and child["S"] in {"/Div", "/NonStruct"}:
            for grandchild in child["K"]:
                if grandchild in elements:
                    elements[grandchild]["P"] = element.reference
                    kids.append(grandchild)
        elif child["K"] or child["S"] in CELLS:
            kids.append(kid)
    return kids
