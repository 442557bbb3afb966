"""Where to draw the stages: in layers from top to bottom, ways backwards at the side.

The steps are those of every layered drawing: give each stage a layer so that ways lead down, put stand-ins where a way
passes a layer, order each layer so that few ways cross, then move everything near its neighbours.
"""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict, namedtuple

CHARACTER, CAPITAL = 7.3, 9.2  # pixels of one character in a box
ROW, GAP = 96, 34   # pixels from layer to layer, between neighbours
HEIGHT = 44
PASSING = 14        # width kept for a way that passes a layer
SWEEPS = 8

Box = namedtuple('Box', 'x y width height')  # x, y: the centre


class Layout(object):
    """boxes: name -> Box. paths: {edge: [(x, y)] down from box to box}. back: {edge: x of its lane at the side}."""

    def __init__(self, graph):
        self.graph = graph
        edges = [edge for edge in graph.edges if edge.source != edge.dest]
        backward = _backward(graph.nodes, edges)
        forward = [edge for edge in edges if edge not in backward]
        layer_of = _layers(graph.nodes, forward)
        layers, chains = _with_passings(graph.nodes, forward, layer_of)
        neighbours = _neighbours(chains)
        _order(layers, neighbours)
        self._place(layers, neighbours)
        self.paths = OrderedDict((edge, [self._at[item] for item in chains[edge]]) for edge in forward)
        self._lanes(backward + [edge for edge in graph.edges if edge.source == edge.dest])

    def _place(self, layers, neighbours):
        widths = {item: self._width(item) for layer in layers for item in layer}
        x = {}
        for layer in layers:
            right = 0
            for item in layer:
                x[item] = right + widths[item] / 2.0
                right += widths[item] + GAP
            for item in layer:
                x[item] -= right / 2.0
        for sweep in range(SWEEPS):
            for layer in layers if sweep % 2 == 0 else reversed(layers):
                _near_neighbours(layer, neighbours, widths, x)
        left = min(x[item] - widths[item] / 2.0 for item in x)
        self.boxes, self._at = OrderedDict(), {}
        for number, layer in enumerate(layers):
            for item in layer:
                self._at[item] = (x[item] - left + GAP, number * ROW + HEIGHT)
        for name in self.graph.nodes:
            self.boxes[name] = Box(self._at[name][0], self._at[name][1], widths[name], HEIGHT)
        self.height = len(layers) * ROW + HEIGHT
        self.width = max(box.x + box.width / 2.0 for box in self.boxes.values()) + GAP

    def _width(self, item):
        if item not in self.graph.nodes:
            return PASSING
        capitals = sum(1 for character in item if character.isupper())
        text = len(item) * CHARACTER + capitals * (CAPITAL - CHARACTER) + 24
        return max(120, text, 190 if self.graph.nodes[item].mice else 0)

    def has_right_neighbour(self, name):
        """Whether another box stands in the same layer to the right, so that a way cannot leave on that side."""
        box = self.boxes[name]
        return any(other.y == box.y and other.x > box.x for other in self.boxes.values())

    def _lanes(self, edges):
        """Ways backwards run beside all boxes that they pass, each in a lane of its own; short ones inside."""
        self.back = OrderedDict()
        taken = []
        for edge in sorted(edges, key=lambda edge: abs(self.boxes[edge.source].y - self.boxes[edge.dest].y)):
            top, bottom = sorted((self.boxes[edge.source].y, self.boxes[edge.dest].y))
            right = max([box.x + box.width / 2.0 for box in self.boxes.values() if top <= box.y <= bottom]
                        + [x for path in self.paths.values() for x, y in path if top <= y <= bottom])
            lane = right + 26
            while any(abs(lane - other) < 18 and top <= other_bottom and other_top <= bottom
                      for other, other_top, other_bottom in taken):
                lane += 18
            taken.append((lane, top, bottom))
            self.back[edge] = lane
            self.width = max(self.width, lane + 20 + min(len(edge.label), 34) * 5.6)


def _backward(nodes, edges):
    """The edges that close a circle, found in the order of the file: each leads to a stage that is still followed."""
    ways = OrderedDict((name, []) for name in nodes)
    for edge in edges:
        ways[edge.source].append(edge)
    backward, state = [], {}
    starts = [name for name in nodes if not any(edge.dest == name for edge in edges)] + list(nodes)
    for start in starts:
        if start in state:
            continue
        state[start] = 'open'
        stack = [(start, iter(ways[start]))]
        while stack:
            name, rest = stack[-1]
            edge = next(rest, None)
            if edge is None:
                state[name] = 'done'
                stack.pop()
            elif state.get(edge.dest) == 'open':
                backward.append(edge)
            elif edge.dest not in state:
                state[edge.dest] = 'open'
                stack.append((edge.dest, iter(ways[edge.dest])))
    return backward


def _layers(nodes, forward):
    """name -> layer: one below the lowest of those that lead to it."""
    waiting = {name: 0 for name in nodes}
    ways = {name: [] for name in nodes}
    for edge in forward:
        waiting[edge.dest] += 1
        ways[edge.source].append(edge.dest)
    layer_of = {name: 0 for name in nodes}
    ready = [name for name in nodes if not waiting[name]]
    while ready:
        name = ready.pop(0)
        for dest in ways[name]:
            layer_of[dest] = max(layer_of[dest], layer_of[name] + 1)
            waiting[dest] -= 1
            if not waiting[dest]:
                ready.append(dest)
    return layer_of


def _with_passings(nodes, forward, layer_of):
    """(layers of names and stand-ins, {edge: the items it runs through}). Stages without a way come last."""
    linked = set(name for edge in forward for name in (edge.source, edge.dest))
    layers = [[] for _ in range(max([layer_of[name] for name in linked] or [-1]) + 1)]
    for name in nodes:
        if name in linked:
            layers[layer_of[name]].append(name)
    chains = OrderedDict()
    for edge in forward:
        chain = [edge.source]
        for layer in range(layer_of[edge.source] + 1, layer_of[edge.dest]):
            passing = (edge, layer)
            layers[layer].append(passing)
            chain.append(passing)
        chains[edge] = chain + [edge.dest]
    alone = [name for name in nodes if name not in linked]
    layers += [alone[start:start + 4] for start in range(0, len(alone), 4)]
    return layers, chains


def _neighbours(chains):
    neighbours = {}
    for chain in chains.values():
        for one, other in zip(chain, chain[1:]):
            neighbours.setdefault(one, []).append(other)
            neighbours.setdefault(other, []).append(one)
    return neighbours


def _order(layers, neighbours):
    """Order each layer by the mean place of its neighbours in the layer before, down and up again."""
    for sweep in range(SWEEPS):
        numbered = list(enumerate(layers))
        for number, layer in numbered if sweep % 2 == 0 else reversed(numbered):
            beside = number - 1 if sweep % 2 == 0 else number + 1
            if not 0 <= beside < len(layers):
                continue
            place = {item: index for index, item in enumerate(layers[beside])}

            def mean(item, index=None):
                found = [place[other] for other in neighbours.get(item, ()) if other in place]
                return sum(found) / float(len(found)) if found else index
            layer[:] = [item for _, _, item in sorted(
                (mean(item, index), index, item) for index, item in enumerate(layer))]


def _near_neighbours(layer, neighbours, widths, x):
    """Move each item to the mean of its neighbours, pushing others aside but keeping the order."""
    wanted = []
    for item in layer:
        found = [x[other] for other in neighbours.get(item, ())]
        wanted.append(sum(found) / len(found) if found else x[item])
    placed = list(wanted)
    for index in range(1, len(layer)):
        least = placed[index - 1] + (widths[layer[index - 1]] + widths[layer[index]]) / 2.0 + GAP
        placed[index] = max(placed[index], least)
    shift = sum(wanted) / len(wanted) - sum(placed) / len(placed)
    for item, position in zip(layer, placed):
        x[item] = position + shift
