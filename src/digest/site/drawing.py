"""Plots whose parts have words of their own: a browser shows those only when the SVG is part of the page."""

from __future__ import annotations

from lxml import etree

_SVG = "{http://www.w3.org/2000/svg}"
_TAGS = frozenset(
    _SVG + tag for tag in "svg title desc g circle rect path line polyline polygon ellipse text tspan".split()
)
_ATTRIBUTES = frozenset(
    "viewBox width height role x y dx dy cx cy r rx ry x1 y1 x2 y2 d points transform fill fill-opacity opacity stroke "
    "stroke-width stroke-opacity stroke-dasharray text-anchor font-family font-size font-weight".split()
)


def pointed_at(svg: bytes) -> str | None:
    """The drawing as HTML when some part of it has a title to point at, and it is nothing but shapes and words.

    Else ``None``: it is as good as a picture, which no script and no style of it can leave.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(svg, parser)
    except etree.XMLSyntaxError:
        return None
    if not root.findall(f".//*/{_SVG}title"):
        return None
    if any(element.tag not in _TAGS or set(element.keys()) - _ATTRIBUTES for element in root.iter()):
        return None
    drawing: str = etree.tostring(root, encoding="unicode")
    return drawing
