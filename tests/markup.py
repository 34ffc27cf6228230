"""A page as a tree that a test can ask; the standard library's parser, which is enough for our own markup."""

from html.parser import HTMLParser

EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Node:
    def __init__(self, tag, attributes=(), parent=None):
        self.tag, self.attributes, self.parent, self.children = tag, dict(attributes), parent, []

    def __getitem__(self, name):
        """The attribute, "" for one without value, None for one that is not there."""
        value = self.attributes.get(name, None)
        return "" if value is None and name in self.attributes else value

    def walk(self):
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def all(self, tag="", css="", **attributes):
        """The nodes below of that tag, class and attributes, in the order of the page."""
        for node in self.walk():
            has_look = not css or css in (node["class"] or "").split()
            if tag in {"", node.tag} and has_look and all(node[name] == value for name, value in attributes.items()):
                yield node

    def first(self, *args, **kwargs):
        return next(self.all(*args, **kwargs), None)

    def above(self, tag):
        node = self.parent
        while node is not None and node.tag != tag:
            node = node.parent
        return node

    @property
    def text(self):
        """All words in it, with single spaces."""
        return " ".join("".join(_texts(self)).split())


def _texts(node):
    for child in node.children:
        if isinstance(child, Node):
            yield from _texts(child)
            yield " " if child.tag in {"p", "li", "div", "br"} else ""
        else:
            yield child


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.here = Node("")

    def handle_starttag(self, tag, attributes):
        node = Node(tag, attributes, self.here)
        self.here.children.append(node)
        if tag not in EMPTY:
            self.here = node

    def handle_startendtag(self, tag, attributes):
        self.here.children.append(Node(tag, attributes, self.here))

    def handle_endtag(self, tag):
        node = self.here
        while node.parent is not None and node.tag != tag:
            node = node.parent
        if node.parent is not None:
            self.here = node.parent

    def handle_data(self, data):
        self.here.children.append(data)


def parse(text):
    parser = _Parser()
    parser.feed(text)
    return parser.root
