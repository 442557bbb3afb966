"""The stages of a regimen and the ways between them, as a graph: for Mermaid, for DOT, and to be drawn."""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict, namedtuple

from rig_agent.base.compat import text_type
from rig_agent.regimens.model import end_of_transition

# kind: `stage`, `missing` (a transition names it, no stage has it) or `alone` (no transition names it).
# mice: LabTracks ids.
Node = namedtuple('Node', 'name kind mice')
# trigger: progress, manual or handoff. label: its conditions in words, or ''.
Edge = namedtuple('Edge', 'source dest trigger label')

MERMAID_ARROWS = {'progress': '-->', 'manual': '-.->', 'handoff': '==>'}
DOT_STYLES = {'progress': 'solid', 'manual': 'dashed', 'handoff': 'bold'}


class Graph(object):
    """title: the regimen's name. nodes: name -> Node, in the order of the file. edges: [Edge], each way once."""

    def __init__(self, regimen, mice=None):
        mice = mice or {}
        self.title = regimen.name or 'a regimen without a name'
        self.edges = []
        named, labels = OrderedDict(), OrderedDict()
        for item in regimen.transitions:
            trigger, source, dest = (end_of_transition(item, key) for key in ('trigger', 'source', 'dest'))
            named.update([(source, True), (dest, True)])
            labels.setdefault((source, dest, trigger), []).append(condition_text(item))
        self.edges = [Edge(source, dest, trigger, ' or '.join(text for text in texts if text) if all(texts) else '')
                      for (source, dest, trigger), texts in labels.items()]
        self.nodes = OrderedDict(
            (name, Node(name, 'stage' if name in named or len(regimen.stages) == 1 else 'alone',
                        sorted(mice.get(name, ()))))
            for name in regimen.stages)
        for name in named:
            if name not in self.nodes:
                self.nodes[name] = Node(name, 'missing', [])

    def as_json(self):
        return {'name': self.title, 'stages': [dict(node._asdict()) for node in self.nodes.values()],
                'transitions': [dict(edge._asdict()) for edge in self.edges]}


def condition_text(transition):
    """`two_out_of_three and yesterday_was_good, unless x`, or ''."""
    parts = []
    for key, word, glue in (('conditions', '', ' and '), ('unless', 'unless ', ' or ')):
        value = transition.get(key)
        names = value if isinstance(value, list) else [] if value is None else [value]
        if names:
            parts.append(word + glue.join(text_type(name) for name in names))
    return ', '.join(parts)


def as_mermaid(graph):
    """A Mermaid flowchart, which code hosts draw where it stands in a Markdown file."""
    ids = {name: 's%d' % number for number, name in enumerate(graph.nodes)}
    lines = ['flowchart TD']
    for node in graph.nodes.values():
        text = node.name + ('<br/>%s' % mice_text(node.mice) if node.mice else '')
        kind = '' if node.kind == 'stage' else ':::' + node.kind
        lines.append('    %s["%s"]%s' % (ids[node.name], _for_mermaid(text), kind))
    for edge in graph.edges:
        label = '|"%s"|' % _for_mermaid(edge.label) if edge.label else ''
        arrow = MERMAID_ARROWS.get(edge.trigger, '-->')
        lines.append('    %s %s%s %s' % (ids[edge.source], arrow, label, ids[edge.dest]))
    lines += ['    classDef missing stroke:#c62828,stroke-dasharray:4',
              '    classDef alone fill:#eeeeee,stroke:#9e9e9e',
              '    %% solid: progress, dotted: manual, thick: handoff']
    return '\n'.join(lines) + '\n'


def _for_mermaid(text):
    return text.replace('&', '#amp;').replace('"', '#quot;').replace('\n', ' ').replace('<br/>', '\0').replace(
        '<', '#lt;').replace('>', '#gt;').replace('\0', '<br/>')


def as_dot(graph):
    """A graph for Graphviz."""
    lines = ['digraph %s {' % _quoted(graph.title), '    node [shape=box, style=rounded, fontname="sans-serif"];',
             '    edge [fontname="sans-serif", fontsize=10];']
    for node in graph.nodes.values():
        style = {'missing': ', color=red, style=dashed', 'alone': ', color=gray'}.get(node.kind, '')
        text = node.name + ('\n' + mice_text(node.mice) if node.mice else '')
        lines.append('    %s [label=%s%s];' % (_quoted(node.name), _quoted(text), style))
    for edge in graph.edges:
        lines.append('    %s -> %s [style=%s, label=%s];' % (
            _quoted(edge.source), _quoted(edge.dest), DOT_STYLES.get(edge.trigger, 'solid'), _quoted(edge.label)))
    return '\n'.join(lines + ['}']) + '\n'


def _quoted(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')


def mice_text(mice):
    """`2 mice: 612345, 612346`; the first three of many."""
    shown = ', '.join(text_type(mouse) for mouse in mice[:3])
    return '%d %s: %s%s' % (len(mice), 'mouse' if len(mice) == 1 else 'mice', shown, ', ...' if len(mice) > 3 else '')
