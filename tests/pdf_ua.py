"""PDF/UA-1 as far as a machine can see it without veraPDF: 25 rules over the objects of a file (Matterhorn Protocol, ISO 32000-1 14.8)."""

import re

import pikepdf

HEADING = re.compile(r"/H([1-6])")
KNOWN = re.compile(
    r"/(Document|Part|Art|Sect|Div|BlockQuote|Caption|NonStruct|P|H[1-6]|L|LI|Lbl|LBody|Table|TR|TH|TD|THead|TBody|TFoot|Span|Link|Figure)"
)
CHILDREN = {
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
    "/L": {"/LI", "/L", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
}
PARENTS = {
    "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/LI": {"/L"},
    "/LBody": {"/LI"},
}
SHOWS = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh"}


class Element:
    def __init__(self, entries, parent):
        self.entries, self.parent, self.kind = entries, parent, str(entries.get("/S"))
        kids = entries.get("/K", [])
        self.kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]

    @property
    def children(self):
        return [Element(kid, self) for kid in self.kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]

    @property
    def annotations(self):
        return [
            kid.Obj
            for kid in self.kids
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == pikepdf.Name.OBJR
        ]

    @property
    def marks(self):
        return [int(kid) for kid in self.kids if isinstance(kid, int)]

    def attribute(self, name):
        given = self.entries.get("/A")
        return given.get(name) if isinstance(given, pikepdf.Dictionary) else None

    def all(self):
        yield self
        for child in self.children:
            yield from child.all()


def faults(pdf, *, language):
    """The broken rules, as a list of (rule, what is wrong); empty for a file that passes all 25."""
    found = []

    def rule(name, holds, what=""):
        if not holds:
            found.append((name, what))

    root = pdf.Root
    rule("marked", root.get("/MarkInfo", {}).get("/Marked") is True)
    rule("language", str(root.get("/Lang", "")) == language, str(root.get("/Lang")))
    rule("title is shown", root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is True)
    with pdf.open_metadata() as metadata:
        rule("title", bool(metadata.get("dc:title")))
        rule("says PDF/UA", str(metadata.get("pdfuaid:part")) == "1")
    rule("nothing is carried", not {"/EmbeddedFiles", "/JavaScript"} & set(root.get("/Names", {}).keys()))
    rule("bookmarks", len(pdf.pages) <= 10 or root.get("/Outlines") is not None)
    for number, page in enumerate(pdf.pages, start=1):
        rule("tab order", page.get("/Tabs") == pikepdf.Name.S, f"page {number}")
        rule("all content is marked", not unmarked(page), f"page {number}: {unmarked(page)[:3]}")
        for name, font in page.get("/Resources", {}).get("/Font", {}).items():
            rule("fonts are embedded", is_embedded(font), f"{name} on page {number}")
            rule("fonts map to letters", "/ToUnicode" in font, f"{name} on page {number}")
    tree = root.get("/StructTreeRoot")
    rule("structure", tree is not None and "/ParentTree" in tree)
    if tree is None:
        return found
    top = Element(tree.K[0] if isinstance(tree.K, pikepdf.Array) else tree.K, None)
    elements = list(top.all())
    levels = [int(HEADING.fullmatch(element.kind)[1]) for element in elements if HEADING.fullmatch(element.kind)]
    rule("one first heading", levels.count(1) == 1 and levels[:1] == [1], str(levels))
    rule(
        "no level is skipped",
        all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)),
        str(levels),
    )
    for number, page in enumerate(pdf.pages, start=1):
        here = [element for element in elements if element.marks and element.entries.Pg.objgen == page.obj.objgen]
        hanging = sorted(mark for element in here for mark in element.marks)
        rule("all marks are in the tree", hanging == marks_of(page), f"page {number}")
    headers = {
        str(element.entries["/ID"]) for element in elements if element.kind == "/TH" and "/ID" in element.entries
    }
    for element in elements:
        kinds = {child.kind for child in element.children}
        rule("known kinds", KNOWN.fullmatch(element.kind), element.kind)
        rule("children", kinds <= CHILDREN.get(element.kind, kinds), f"{element.kind} has {kinds}")
        parent = element.parent.kind if element.parent else None
        rule("parents", parent in PARENTS.get(element.kind, {parent}), f"{element.kind} in {parent}")
        rule("no empty tags", element.kids or element.kind in {"/TD", "/TH"}, element.kind)
        if element.kind == "/Figure":
            rule("pictures have words", bool(str(element.entries.get("/Alt", ""))))
        if element.kind == "/Table":
            rule("tables have headers", any(inner.kind == "/TH" for inner in element.all()))
        if element.kind == "/TH":
            rule("headers have a scope", str(element.attribute("/Scope")) in {"/Row", "/Column", "/Both"})
        if element.kind == "/TD":
            named = {str(header) for header in element.attribute("/Headers") or []}
            rule("cells know their headers", named and named <= headers, str(named))
        if element.kind == "/Link":
            rule("links have text and words", says(element) and all("/Contents" in one for one in element.annotations))
            rule("links lead somewhere", bool(element.annotations))
    return found


def marks_of(page):
    """The numbers of the marked content on a page."""
    operands = [given for given, operator in pikepdf.parse_content_stream(page) if str(operator) == "BDC"]
    return sorted(int(given[1]["/MCID"]) for given in operands if "/MCID" in given[1])


def says(element):
    return any(inner.marks for inner in element.all())


def is_embedded(font):
    described = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    return bool({"/FontFile", "/FontFile2", "/FontFile3"} & set(described.get("/FontDescriptor", {}).keys()))


def unmarked(page):
    """Operators that paint outside marked content."""
    depth, outside = 0, []
    for _operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in {"BMC", "BDC"}:
            depth += 1
        elif name == "EMC":
            depth -= 1
        elif name in SHOWS and depth == 0:
            outside.append(name)
    return outside
