"""What WeasyPrint leaves out of PDF/UA-1: the scope of header cells, plain lists, decoration, and the feet of pages as artifacts.

Works on the structure tree just before it is written. Sources: ISO 32000-1, 14.8.2.2 and 14.8.4 (artifacts, what may stand in what);
Matterhorn Protocol 13, 15 and 18.
"""

CELLS = {"/TD", "/TH"}


def complete(document, pdf):
    """The `finisher` of WeasyPrint's write_pdf."""
    name_scopes(document)
    objects = {thing.reference: thing for thing in pdf.objects}
    elements = {reference: thing for reference, thing in objects.items() if type_of(thing) == "/StructElem"}
    for element in elements.values():
        if element["S"] == "/Figure" and "Alt" not in element:  # decoration: what says something has its words by now
            element["S"] = "/NonStruct"
    for element in reversed(elements.values()):  # children come after their parents
        element["K"][:] = kids_of(element, elements)
        if element["S"] != "/Table":  # the caption of a <figure>: PDF knows captions of tables alone
            for kid in element["K"]:
                if elements.get(kid, {}).get("S") == "/Caption":
                    elements[kid]["S"] = "/P"
    make_artifacts(objects, elements, pdf.page_references)


def type_of(thing):
    return thing.get("Type") if isinstance(thing, dict) else None


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


def make_artifacts(objects, elements, pages):
    """What stands in the margins of pages is marked but hangs on no branch of the tree: say that it belongs to the page, not to the text."""
    root = next(thing for thing in objects.values() if type_of(thing) == "/StructTreeRoot")
    reached, waiting = set(), list(root["K"])
    while waiting:
        reference = waiting.pop()
        reached.add(reference)
        waiting += [kid for kid in elements[reference]["K"] if kid in elements]
    owners = objects[root["ParentTree"]]["Nums"]  # page number, the elements of its marks in their order, and so on
    for reference, element in elements.items():
        if reference in reached:
            continue
        for mark in [kid for kid in element["K"] if isinstance(kid, int)]:
            number = pages.index(element["Pg"])
            owners[2 * number + 1][mark] = "null"
            make_artifact(objects[objects[element["Pg"]]["Contents"]].stream, mark)


def make_artifact(operators, mark):
    for at, operand in enumerate(operators):
        if isinstance(operand, dict) and operand.get("MCID") == mark:
            operators[at - 1] = "/Artifact"
            operand.clear()
            operand["Type"] = "/Pagination"
            return
