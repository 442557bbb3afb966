"""A regimen's graph as a picture for people: SVG that stands alone, or a page with the picture and a table."""
from __future__ import absolute_import, unicode_literals

import re
from collections import OrderedDict
from xml.sax.saxutils import escape

from rig_agent.regimens.graph import mice_text
from rig_agent.regimens.layout import Layout

TRIGGERS = (('progress', 'progress: by itself, after a session'), ('manual', 'manual: a person decides'),
            ('handoff', 'handoff: to another team'))
LEGEND = 34      # pixels at the top
NARROWEST = 860
LETTER, LINE = 5.8, 13  # pixels that a label needs
LONGEST_LABEL = 34
HEIGHT_OF_NOTHING = 40
STYLE = """
.regimen { font-family: "Segoe UI", "DejaVu Sans", Arial, sans-serif; background: #ffffff }
.regimen .box { fill: #f4f7fb; stroke: #37474f; stroke-width: 1.2 }
.regimen .alone .box { fill: #f2f2f2; stroke: #9e9e9e }
.regimen .missing .box { fill: #fff5f5; stroke: #c62828; stroke-dasharray: 5 3 }
.regimen .name { font-size: 13px; text-anchor: middle; fill: #102027 }
.regimen .mice { font-size: 11px; text-anchor: middle; fill: #00695c }
.regimen .way { fill: none; stroke-width: 1.7 }
.regimen .progress { stroke: #1565c0 } .regimen .manual { stroke: #d84315; stroke-dasharray: 7 4 }
.regimen .handoff { stroke: #6a1b9a; stroke-width: 3 } .regimen .other { stroke: #757575; stroke-dasharray: 2 3 }
.regimen .label { font-size: 10.5px; fill: #37474f; stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
.regimen .key { font-size: 12px; fill: #37474f }
"""
COLOURS = {'progress': '#1565c0', 'manual': '#d84315', 'handoff': '#6a1b9a', 'other': '#757575'}
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font-family: "Segoe UI", "DejaVu Sans", Arial, sans-serif; margin: 24px; color: #102027 }}
.picture {{ overflow: auto }} table {{ border-collapse: collapse; font-size: 13px }}
td, th {{ border-bottom: 1px solid #cfd8dc; padding: 4px 12px 4px 0; text-align: left; vertical-align: top }}
</style></head><body>
<h1>{title}</h1>
<p>{summary}</p>
<div class="picture">
{picture}
</div>
<h2>Transitions</h2>
<table><tr><th>from</th><th>to</th><th>trigger</th><th>conditions</th></tr>
{rows}
</table>
</body></html>
"""


def as_svg(graph):
    """The picture as text of an SVG file that needs nothing else."""
    layout = Layout(graph) if graph.nodes else None
    width = max(NARROWEST, layout.width if layout else 0)
    height = LEGEND + (layout.height if layout else HEIGHT_OF_NOTHING)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" class="regimen" width="%d" height="%d" viewBox="0 0 %d %d" '
             'role="img" aria-label="%s">' % (width, height, width, height, _attribute(graph.title)),
             '<style>%s</style>' % STYLE, '<rect width="100%" height="100%" fill="#ffffff"/>', _arrow_heads()]
    parts += _legend(graph)
    parts.append('<g transform="translate(0 %d)">' % LEGEND)
    if layout:
        ways = _ways(layout)
        labels = _Labels(layout, ways)
        for edge, curves in ways.items():
            parts.append(_way(edge, curves))
            labels.add(edge, _places_of_label(layout, edge, curves))
        parts += [_box(graph.nodes[name], box) for name, box in layout.boxes.items()]
        parts += labels.parts  # last, so that no line runs over a text
    return '\n'.join(parts + ['</g>', '</svg>']) + '\n'


def as_html(graph):
    """A page that needs nothing else: the picture, and the transitions as a table."""
    mice = sum(len(node.mice) for node in graph.nodes.values())
    summary = '%d stages, %d transitions%s.' % (
        sum(1 for node in graph.nodes.values() if node.kind != 'missing'), len(graph.edges),
        ', %d mice' % mice if mice else '')
    rows = ['<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>' % tuple(escape(text) for text in edge)
            for edge in graph.edges]
    return PAGE.format(title=escape(graph.title), summary=summary, picture=as_svg(graph), rows='\n'.join(rows))


def _arrow_heads():
    return '<defs>%s</defs>' % ''.join(
        '<marker id="to-%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" '
        'markerUnits="userSpaceOnUse"><path d="M0 0L8 4L0 8z" fill="%s"/></marker>' % pair
        for pair in sorted(COLOURS.items()))


def _legend(graph):
    used = set(_kind(edge) for edge in graph.edges)
    x = 16
    for kind, text in TRIGGERS + (('other', 'another trigger'),):
        if kind in used:
            yield ('<path class="way %s" d="M%d 16h40" marker-end="url(#to-%s)"/>'
                   '<text class="key" x="%d" y="20">%s</text>' % (kind, x, kind, x + 48, text))
            x += 64 + len(text) * 6.4


def _kind(edge):
    return edge.trigger if edge.trigger in COLOURS else 'other'


# ------------------------------------------------------------------------------------------------ ways

def _ways(layout):
    """{edge: [Bezier curves of four points each]}, as they are drawn."""
    ways = OrderedDict((edge, _way_down(layout, edge, points)) for edge, points in layout.paths.items())
    ways.update((edge, _way_back(layout, edge, lane)) for edge, lane in layout.back.items())
    return ways


def _way_down(layout, edge, points):
    """From the bottom of the one box to the top of the other."""
    half = layout.boxes[edge.source].height / 2.0
    points = [(points[0][0], points[0][1] + half)] + points[1:-1] + [(points[-1][0], points[-1][1] - half - 1)]
    curves = []
    for (x, y), (next_x, next_y) in zip(points, points[1:]):
        middle = (y + next_y) / 2.0
        curves.append(((x, y), (x, middle), (next_x, middle), (next_x, next_y)))
    return curves


def _way_back(layout, edge, lane):
    """Out at the right of the box, or at its top where another box stands beside it; up the lane; in alike."""
    source, dest = layout.boxes[edge.source], layout.boxes[edge.dest]
    right, top = source.x + source.width / 2.0, source.y - source.height / 2.0
    if layout.has_right_neighbour(edge.source):
        start, turn = (right - 14, top), (right - 14, top - 20)
    else:
        start = turn = (right, source.y - 8)
    right, bottom = dest.x + dest.width / 2.0, dest.y + dest.height / 2.0
    if layout.has_right_neighbour(edge.dest):
        end, come = (right - 14, bottom + 1), (right - 14, bottom + 20)
    else:
        end = come = (right + 1, dest.y + 8)
    middle = lane, (turn[1] + come[1]) / 2.0
    return [(start, turn, (lane, turn[1]), middle), (middle, (lane, come[1]), come, end)]


def _places_of_label(layout, edge, curves):
    """Where the text of a way may begin, the best place first."""
    if edge in layout.back:
        x, y = curves[0][-1]
        return [(x + 4, y + offset) for offset in (4, 18, -10, 32, -24, 46, -38)]
    (x, y), (next_x, next_y) = curves[0][0], curves[0][-1]
    return [(x + (next_x - x) * share + gap, y + (next_y - y) * share + 4)
            for gap in (5, 12) for share in (0.5, 0.65, 0.8, 0.35, 0.2)]


def _points_on(curves):
    """Points on a way, a few pixels from each other."""
    for curve in curves:
        steps = 4 + int(sum(abs(x - next_x) + abs(y - next_y) for (x, y), (next_x, next_y) in zip(curve, curve[1:])) / 4)
        for step in range(steps + 1):
            share = step / float(steps)
            weights = ((1 - share) ** 3, 3 * share * (1 - share) ** 2, 3 * share ** 2 * (1 - share), share ** 3)
            yield tuple(sum(weight * point[axis] for weight, point in zip(weights, curve)) for axis in (0, 1))


def _way(edge, curves):
    kind = _kind(edge)
    label = ', ' + edge.label if edge.label else ''
    path = 'M%.0f %.0f' % curves[0][0] + ''.join('C%.0f %.0f %.0f %.0f %.0f %.0f' % (curve[1] + curve[2] + curve[3])
                                                 for curve in curves)
    return '<path class="way %s" d="%s" marker-end="url(#to-%s)"><title>%s</title></path>' % (
        kind, path, kind, _text('%s -> %s (%s%s)' % (edge.source, edge.dest, edge.trigger, label)))


class _Labels(object):
    """Conditions beside their ways, each where it covers no box, no other one and, if there is room, no way."""

    def __init__(self, layout, ways):
        self.parts = []
        self.taken = [(box.x - box.width / 2.0, box.y - box.height / 2.0,
                       box.x + box.width / 2.0, box.y + box.height / 2.0) for box in layout.boxes.values()]
        self.right = layout.width
        self.ways = {edge: list(_points_on(curves)) for edge, curves in ways.items()}

    def add(self, edge, places):
        if not edge.label:
            return
        text = edge.label if len(edge.label) <= LONGEST_LABEL else edge.label[:LONGEST_LABEL - 3] + '...'
        width = len(text) * LETTER
        places = places + [(x - width - 10, y) for x, y in places if x > width + 10]
        x, y = min(places, key=lambda place: self._faults(edge, self._area(place, text)))
        self.taken.append(self._area((x, y), text))
        self.parts.append('<text class="label" x="%.0f" y="%.0f"><title>%s</title>%s</text>'
                          % (x, y, _text(edge.label), _text(text)))

    @staticmethod
    def _area(place, text):
        return place[0] - 2, place[1] - LINE + 3, place[0] + len(text) * LETTER, place[1] + 3

    def _faults(self, edge, area):
        """What is wrong with a place, worst first: it covers something, it is outside, a way or its own runs through."""
        left, top, right, bottom = area
        covers = any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
                     for other in self.taken)
        crossing = [way for way, points in self.ways.items()
                    if any(left < x < right and top < y < bottom for x, y in points)]
        return covers, right > self.right, any(way != edge for way in crossing), edge in crossing


def _box(node, box):
    left, top = box.x - box.width / 2.0, box.y - box.height / 2.0
    title = node.name + {'missing': ': there is no such stage', 'alone': ': no transition names it'}.get(node.kind, '')
    if node.mice:
        title += ': ' + ', '.join('%s' % mouse for mouse in node.mice)
    mice = '<text class="mice" x="%.0f" y="%.0f">%s</text>' % (
        box.x, box.y + 14, _text(mice_text(node.mice))) if node.mice else ''
    return ('<g class="stage %s"><title>%s</title><rect class="box" x="%.0f" y="%.0f" width="%.0f" height="%d" rx="7"/>'
            '<text class="name" x="%.0f" y="%.0f">%s</text>%s</g>' % (
                node.kind, _text(title), left, top, box.width, box.height, box.x, box.y + (-2 if node.mice else 5),
                _text(node.name), mice))


def _text(text):
    return escape(re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', text))


def _attribute(text):
    return _text(text).replace('"', '&quot;')
