"""A regimen read strictly: bytes in, a Regimen out, or one message with file, line and column.

Nodes become values here: anchors followed, merge keys applied (an own key wins, then the earlier of several merged
mappings), every key made text as JSON makes it.
"""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict

from rig_agent.base.compat import text_type
from rig_agent.regimens import syntax
from rig_agent.regimens.model import Regimen, RegimenProblem, Stage
from rig_agent.regimens.problems import Failed, Problem
from rig_agent.regimens.values import TAG, scalar_value

MOST_MERGED = 2 * 10 ** 6  # keys that all merges of a file may bring together


def read(content, where):
    """The Regimen in bytes; `where` is its path or URL, for messages.

    Raises NotFound (exit code 6), with line and column, for what is no YAML, no mapping, or has no stages that can be
    listed. A stage that cannot be run is in `Regimen.problems` and raises when it is asked for.
    """
    try:
        root = syntax.compose(syntax.decode(content))
        return _regimen(root, Values(), where)
    except Failed as failed:
        raise failed.problem.error(where)


class Entry(object):
    """One key of a mapping after merging: where key and value are written, and the merges they came through."""
    __slots__ = ('key', 'value', 'via')

    def __init__(self, key, value, via):
        self.key, self.value, self.via = key, value, via


class Values(object):
    """Values of nodes. With a list of problems, what cannot be read is added to it and becomes None."""

    def __init__(self, problems=None):
        self.problems = problems
        self.merged = 0

    def value(self, node):
        """The JSON-ready value of a node; collections are shared where anchors repeat them."""
        if node.kind == 'alias':
            node = node.node
        if node.kind == 'scalar':
            if node.value is syntax.UNREAD:
                node.value = self._scalar(node)
        elif node.value is None:
            node.value = self._sequence(node) if node.kind == 'sequence' else self._mapping(node)
        return node.value

    def _scalar(self, node):
        if not node.plain and node.tag is None:
            return node.text
        try:
            return scalar_value(node.text, node.tag)
        except ValueError as error:
            self._problem(Problem('bad-value', node.line, node.column, text_type(error),
                                  'Correct it, or put it in quotes if it is text.'))

    def _sequence(self, node):
        if node.tag in (TAG + 'omap', TAG + 'pairs'):
            return [[key, self.value(self.entries(item.target())[key].value)] for item in node.items
                    if item.target().kind == 'mapping' for key in self.names(item.target())]
        return [self.value(item) for item in node.items]

    def _mapping(self, node):
        entries = self.entries(node)
        if node.tag == TAG + 'set':
            return self.names(node)
        return {key: self.value(entry.value) for key, entry in entries.items()}

    def entries(self, node):
        """A dictionary key text -> Entry of a Mapping, merges applied; ordered on some Pythons only, see `names`."""
        if node.entries is None:
            own, entries = [], {}
            items = node.items
            for index in range(0, len(items), 2):
                key, value = items[index], items[index + 1]
                target = key.node if key.kind == 'alias' else key
                if target.kind == 'scalar' and target.plain and target.text == syntax.MERGE:
                    entries.update(self._merged(value))
                else:
                    own.append((self.key_text(target), Entry(key, value, ())))
            entries.update(own)
            node.entries = entries
        return node.entries

    def names(self, node):
        """The key texts of a Mapping in the order in which they are written in the file."""
        entries = self.entries(node)
        return sorted(entries, key=lambda name: (entries[name].key.line, entries[name].key.column))

    def _merged(self, value):
        target = value.target()
        sources = [value] if target.kind != 'sequence' else list(reversed(target.items))
        for source in sources:
            mapping = source.target()
            if mapping.tag == syntax.MISSING:
                continue
            if mapping.kind != 'mapping':
                self._problem(Problem('bad-merge', source.line, source.column,
                                      '`<<` takes over the keys of another part, but this has none',
                                      'Put the name of a part with keys of its own behind it, as in `<<: *name`.'))
                continue
            entries = self.entries(mapping)
            self.merged += len(entries)
            if self.merged > MOST_MERGED:
                raise Failed(Problem('too-large', source.line, source.column,
                                     'This grows too large when `<<` is applied',
                                     'Take over fewer keys with `<<`.'))
            for key, entry in entries.items():
                yield key, Entry(entry.key, entry.value, (source,) + entry.via)

    def key_text(self, node):
        """A key as JSON writes it: `true`, `null`, `1`, the text itself."""
        if node.kind != 'scalar':
            self._problem(Problem('bad-key', node.line, node.column,
                                  'Something in brackets or braces stands where a key is expected',
                                  'A key is a word. Braces or brackets that belong to a text need quotes around it.'))
            return '?'
        value = self.value(node)
        return value if isinstance(value, text_type) else key_as_json(value)

    def _problem(self, problem):
        if self.problems is None:
            raise Failed(problem)
        self.problems.append(problem)


def key_as_json(value):
    """A key that is no text, as JSON writes it."""
    words = {True: 'true', False: 'false', None: 'null'}
    if value is None or isinstance(value, bool):
        return words[value]
    return text_type(repr(value)).rstrip('L') if isinstance(value, float) else '%d' % value


def raw_text(node):
    """The text of a scalar as it is written, None for an empty one or null; None for what is no scalar."""
    node = node.target()
    if node.kind != 'scalar' or node.plain and node.tag is None and node.text in ('', '~', 'null', 'Null', 'NULL'):
        return None
    return node.text


def _regimen(root, values, where):
    if root is None or root.kind == 'scalar' and raw_text(root) is None:
        raise Failed(Problem('empty', 1, 1, 'This regimen is empty', 'Is it the right file, and was it saved?'))
    if root.kind != 'mapping':
        raise Failed(Problem('not-a-mapping', root.line, root.column,
                             'A regimen has keys such as `name:` and `stages:` at its top, but this file has %s'
                             % ('a list' if root.kind == 'sequence' else 'a text'),
                             'Begin the file with `name: Project_Task_v1.0.0`; is it the right file?'))
    entries = values.entries(root)
    name = raw_text(entries['name'].value) if 'name' in entries else None
    stages, problems = OrderedDict(), []
    if 'stages' in entries:
        node = entries['stages'].value.target()
        if node.kind != 'mapping' and not (node.kind == 'scalar' and raw_text(node) is None):
            raise Failed(Problem('stages-not-a-mapping', node.line, node.column,
                                 'Below `stages:` there is no mapping of stage names',
                                 'Write each stage as its name with a colon, and its `script:`, `script_md5:` and '
                                 '`parameters:` indented below it.'))
        if node.kind == 'mapping':
            for key in values.names(node):
                stages[key] = _stage(key, values.entries(node)[key], values, where)
    if not stages:
        problems.append(RegimenProblem(None, Problem(
            'no-stages', root.line, root.column, 'There are no stages in this regimen',
            'Write them below a key `stages:` in the first column.').error(where)))
    problems.extend(RegimenProblem(stage.name, stage.problem) for stage in stages.values() if stage.problem)
    whole = values.value(root)  # all of it, because what stands elsewhere keeps other readers from loading the file too
    document = {key: whole.get(key) for key in ('name', 'stages', 'transitions')}
    return Regimen(name, stages, document, problems, where)


def _stage(name, entry, values, where):
    node = entry.value.target()

    def broken(code, what, advice, at=node):
        return Stage(name, None, None, {}, entry.key.line, where,
                     Problem(code, at.line, at.column, what, advice).error(where))
    if node.kind != 'mapping':
        return broken('stage-not-a-mapping', 'The stage `%s` has no keys of its own' % name,
                      'Write `script:`, `script_md5:` and `parameters:` below it, indented further than its name.',
                      entry.key)
    parts = values.entries(node)
    value = values.value(node)
    script = raw_text(parts['script'].value) if 'script' in parts else None
    script_md5 = raw_text(parts['script_md5'].value) if 'script_md5' in parts else None
    if 'script' not in parts or script is None:
        at = parts['script'].value if 'script' in parts else entry.key
        return broken('no-script', 'The stage `%s` names no script' % name, 'Add `script:` with the URL or the name of '
                      'its script.', at)
    parameters = value.get('parameters')
    if parameters is not None and not isinstance(parameters, dict):
        at = parts['parameters'].value
        return broken('parameters-not-a-mapping', 'The parameters of stage `%s` are no mapping' % name,
                      'Write each parameter as `key: value`, indented below `parameters:`.', at)
    return Stage(name, script, script_md5, value, entry.key.line, where)
