"""From bytes to nodes: what is written in a regimen, each piece with its line and column.

PyYAML's C parser does the reading where there is one. What it refuses, and tabs and byte order marks, which it takes
otherwise in some places, are left to PyYAML's own parser: a regimen reads on every rig or on none, with the same
message. Nodes are made here, one event at a time, so that depth, size and the growth that anchors cause are bounded
before anything is built.
"""
from __future__ import absolute_import, unicode_literals

import re

import yaml

from rig_agent.base.nearest import did_you_mean
from rig_agent.regimens.problems import DEEPEST, LINE_BREAK, Failed, Problem, shortened, syntax_problem, too_deep
from rig_agent.regimens.values import KNOWN_TAGS, TAG

LARGEST_FILE = 4 * 10 ** 6    # bytes; the largest real regimen has 20,000
MOST_NODES = 300 * 10 ** 3
LARGEST_EXPANDED = 32 * 10 ** 6  # characters once every anchor is written out
LARGEST_READ_AGAIN = 500 * 10 ** 3  # characters that PyYAML's own parser, which is far slower, is given
Loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
MERGE = '<<'
SWALLOWED = re.compile(r'(?:^|\s)(?:- )?[A-Za-z_][\w-]*:(?:\s|$)')  # a key in the middle of a text
PROPERTIES = re.compile(r'(?:[&!]\S*\s+(?:#.*\s+)*)*')  # an anchor, a tag, and what stands between them and their value
ANCHOR = re.compile(r'(?:&\S*\s+(?:#.*\s+)*)?')
UNREAD = object()  # the value of a Scalar that nobody asked for yet
READ_APART = re.compile(r'^(?:[^#\t\n]|(?<=\S)#)*\t|\ufeff', re.MULTILINE)  # a tab outside of comments, a mark
MISSING = 'missing'  # the tag of what stands for something that could not be read
FORBIDDEN = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]')
SURROGATE = re.compile(b'\xed[\xa0-\xbf][\x80-\xbf]')  # Python 2 decodes these, nothing else does


class Node(object):
    """One piece of the file; line and column count from 1. `size` and `depth` are those with all anchors followed."""
    __slots__ = ('line', 'column', 'tag', 'anchor', 'size', 'depth')

    def target(self):
        return self


class Scalar(Node):
    __slots__ = ('text', 'plain', 'style', 'over_lines', 'value')  # over_lines: it goes on in the next line
    kind = 'scalar'


class Sequence(Node):
    __slots__ = ('items', 'flow', 'value')
    kind = 'sequence'


class Mapping(Node):
    __slots__ = ('items', 'flow', 'value', 'entries')  # items: key, value, key, value, as they are written
    kind = 'mapping'


class Alias(Node):
    __slots__ = ('node', 'name')
    kind = 'alias'

    def target(self):
        return self.node


def decode(content):
    """The text of a regimen's bytes, without its byte order mark. Raises Failed."""
    if len(content) > LARGEST_FILE:
        raise Failed(Problem('too-large', 1, 1, 'This file is too large for a regimen',
                             found='%d bytes; at most %d are read' % (len(content), LARGEST_FILE),
                             advice='Is it the right file? A regimen has some ten thousand characters.'))
    encoding = 'utf-16' if content[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-8'
    try:
        if encoding == 'utf-8' and SURROGATE.search(content):
            start = SURROGATE.search(content).start()
            raise UnicodeDecodeError(str('utf-8'), content, start, start + 3, str('surrogate'))
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[:error.start].decode(encoding, 'replace')
        raise Failed(Problem('encoding', *(position(before, len(before)) + (
            'This is no %s text' % encoding.upper(),
            'Save the file as UTF-8 in the editor; letters such as \u00b5 or \u00e9 were saved in another way.',
            'the byte 0x%02x' % ord(content[error.start:error.start + 1])))))
    text = text[1:] if text.startswith('\ufeff') else text
    odd = FORBIDDEN.search(text)
    if odd:
        utf16 = text.count('\x00') > len(text) // 4
        raise Failed(Problem('control-character', *(position(text, odd.start()) + (
            'There is an invisible control character in this file',
            'Save the file as UTF-8 in the editor; it seems to be UTF-16.' if utf16
            else 'Delete the character, or type the line again.', 'the character U+%04X' % ord(odd.group())))))
    return text


def position(text, offset):
    """(line, column) of a character, both from 1."""
    before = LINE_BREAK.split(text[:offset])
    return len(before), len(before[-1]) + 1


def compose(text, problems=None):
    """The root Node of a text, None for an empty one.

    Strict, without `problems`: raises Failed at the first. With a list: what does not end the parser is added to it and
    stands as an empty scalar; a syntax error still raises Failed, its `partial` the root of what came before.
    """
    known = len(problems or ())
    if len(text) > LARGEST_READ_AGAIN or not READ_APART.search(text):
        try:
            return _Composer(text, problems).root(Loader)
        except Failed as failed:
            if not failed.by_parser or Loader is yaml.SafeLoader or len(text) > LARGEST_READ_AGAIN:
                raise
    if problems:
        del problems[known:]
    return _Composer(text, problems).root(yaml.SafeLoader)


class _Composer(object):
    def __init__(self, text, problems):
        self.text = text
        self.problems = problems
        self.anchors = {}
        self.named_in = {}    # anchor -> the line in which its name is given
        self.stack = []       # open collections
        self.count = 0
        self.documents = []
        self.last_quoted = None, 0  # the last text in quotes that goes over several lines, and the line of its end

    def root(self, parser):
        loader = parser(self.text.encode('utf-8'))
        handlers = {yaml.ScalarEvent: self._scalar, yaml.AliasEvent: self._alias,
                    yaml.SequenceStartEvent: self._start_sequence, yaml.MappingStartEvent: self._start_mapping,
                    yaml.SequenceEndEvent: self._end, yaml.MappingEndEvent: self._end}
        try:
            while True:
                event = loader.get_event()
                handler = handlers.get(event.__class__)
                if handler:
                    handler(event)
                elif event.__class__ is yaml.StreamEndEvent:
                    break
        except yaml.YAMLError as error:
            problem = syntax_problem(self.text, error)
            raise Failed(self._swallowing_quote(problem) or problem, self._partial(), by_parser=True)
        finally:
            loader.dispose()
        return self.documents[0] if self.documents else None

    def _problem(self, problem, fatal=False):
        if self.problems is None or fatal:
            raise Failed(problem)
        self.problems.append(problem)

    def _swallowing_quote(self, problem):
        """The mistake where a quote was closed by one of a later line, behind which the parser could not go on."""
        node, end = self.last_quoted
        if node is not None and problem.line <= end and SWALLOWED.search(node.text):
            return Problem('open-quote', node.line, node.column,
                           'This quote is not closed in its line, so it takes in the lines below up to the next quote',
                           'Close it at the end of the text, or delete it.',
                           shortened(LINE_BREAK.split(self.text)[node.line - 1].strip()))

    def _partial(self):
        while self.stack:
            node = self.stack[-1]
            if node.kind == 'mapping' and len(node.items) % 2:
                self._put(self._blank(node.items[-1].line, node.items[-1].column))
            self._end(None)
        return self.documents[0] if self.documents else None

    # ---------------------------------------------------------------- events

    def _scalar(self, event):
        node = Scalar()
        node.line, node.column = self._place(event)
        node.text = event.value
        node.tag = event.tag
        node.plain = event.implicit[0]
        node.style = event.style
        node.value = UNREAD
        node.over_lines = event.end_mark.line >= node.line
        if node.over_lines and node.style in ('"', "'"):
            self.last_quoted = node, event.end_mark.line + 1
        node.size = len(event.value) + 8
        node.depth = 0
        node.anchor = event.anchor
        if node.anchor is not None:
            self._remember(node, event.start_mark)
        if node.tag is not None:
            self._check_tag(node, event.start_mark)
        self._put(node)

    def _alias(self, event):
        mark = event.start_mark
        line, column, name = mark.line + 1, mark.column + 1, event.anchor
        node = Alias()
        node.line, node.column, node.name, node.tag, node.anchor = line, column, name, None, None
        if name not in self.anchors:
            problem = Problem('undefined-anchor', line, column,
                              '`*%s` repeats something that is not defined above it' % name,
                              did_you_mean(name, self.anchors, shown='`*%s`')
                              or 'Write `&%s` before what it shall repeat, in a line above this one.' % name)
            problem.name = name
            self._problem(problem)
            node.node = self._blank(line, column)
        else:
            node.node = self.anchors[name]
            if node.node.size is None:  # still open: it would contain itself
                self._problem(Problem('recursive-anchor', line, column, '`*%s` stands inside of what it repeats' % name,
                                      'Take it out: it would have no end.'))
                node.node = self._blank(line, column)
        node.size, node.depth = node.node.size, node.node.depth
        self._put(node)

    def _start_sequence(self, event):
        self._start(Sequence(), event)

    def _start_mapping(self, event):
        node = Mapping()
        node.entries = None
        self._start(node, event)

    def _start(self, node, event):
        node.line, node.column = self._place(event)
        node.items, node.flow, node.tag, node.anchor = [], event.flow_style, event.tag, event.anchor
        node.size = node.value = None
        if len(self.stack) >= DEEPEST:
            self._problem(too_deep(node.line, node.column), fatal=True)
        if node.anchor is not None:
            self._remember(node, event.start_mark)
        if node.tag is not None:
            self._check_tag(node, event.start_mark)
        self.stack.append(node)

    def _end(self, _):
        node = self.stack.pop()
        size, depth = 8, 0
        for item in node.items:
            size += item.size
            if item.depth > depth:
                depth = item.depth
        node.size, node.depth = size, depth + 1
        if size > LARGEST_EXPANDED:
            self._problem(Problem('too-large', node.line, node.column,
                                  'This grows too large when its repeats are written out',
                                  'Repeat less with `*`: a regimen must stay below %d characters when every repeat '
                                  'is written out.' % LARGEST_EXPANDED), fatal=True)
        if node.depth > DEEPEST:
            self._problem(too_deep(node.line, node.column), fatal=True)
        self._put(node)

    def _put(self, node):
        self.count += 1
        if self.count > MOST_NODES:
            self._problem(Problem('too-large', node.line, node.column, 'There are too many values in this file',
                                  'Is it the right file? At most %d are read.' % MOST_NODES), fatal=True)
        if self.stack:
            self.stack[-1].items.append(node)
        else:
            self.documents.append(node)
            if len(self.documents) == 2:
                self._problem(Problem('second-document', node.line, node.column,
                                      'There is a second document in this file',
                                      'Take out the line `---` above it: a regimen is one document.'), fatal=True)

    def _place(self, event):
        """(line, column) of what an event tells, behind its anchor and tag, which may stand in a line above."""
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if event.anchor is None and event.tag is None:
            return line, column
        end = PROPERTIES.match(self.text, mark.index).end()
        if end > event.end_mark.index > mark.index + 1 or end == len(self.text):
            return line, column  # there is nothing behind it
        return self._behind(mark, end)

    def _behind(self, mark, end):
        """(line, column) of the character at `end`, which a mark stands before."""
        lines = LINE_BREAK.split(self.text[mark.index:end])
        return mark.line + len(lines), len(lines[-1]) + (1 if len(lines) > 1 else mark.column + 1)

    def _remember(self, node, mark):
        name, line = node.anchor, mark.line + 1
        if name in self.anchors:
            self._problem(Problem('duplicate-anchor', line, mark.column + 1, 'The name `&%s` is given twice' % name,
                                  'It stands in line %d already. Give this one another name, and use that where it is '
                                  'repeated with `*`.' % self.named_in[name]))
        self.anchors[name], self.named_in[name] = node, line

    def _check_tag(self, node, mark):
        if node.tag in KNOWN_TAGS or node.tag == '!':
            if node.tag in ('!', TAG + 'str') and node.kind == 'scalar':
                node.plain, node.tag = False, None
            return
        line, column = self._behind(mark, ANCHOR.match(self.text, mark.index).end())
        self._problem(Problem('unsafe-tag', line, column,
                              '`%s` would make the reader create an object' % node.tag.replace(TAG, '!!'),
                              'A regimen holds text, numbers, lists and mappings only. Take out everything that begins '
                              'with `!`.'))
        node.tag = None

    @staticmethod
    def _blank(line, column):
        node = Scalar()
        node.line, node.column, node.text, node.plain, node.style = line, column, '', True, None
        node.over_lines, node.value = False, UNREAD
        node.tag, node.anchor, node.size, node.depth = MISSING, None, 8, 0
        return node
