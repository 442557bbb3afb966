"""What keeps a regimen from being read, in words for somebody who does not know YAML.

PyYAML's two parsers word the same mistake differently and speak of tokens; here each mistake has one code, one place
and one sentence, made from the parser's message and from the line itself.
"""
from __future__ import absolute_import, unicode_literals

import re

import yaml

from rig_agent.base.errors import NotFound

DEEPEST = 100  # levels of lists and mappings
HEADER = re.compile(r':(?:\s+[&!]\S+)*\s*(?:\s#.*)?$')
DASH = re.compile(r'(?:- +)*')
LINE_BREAK = re.compile('\r\n|[\r\n\x85\u2028\u2029]')


class Problem(object):
    """Something that keeps a regimen, or a part of it, from being read; line and column count from 1."""

    def __init__(self, code, line, column, what, advice=None, found=None):
        self.code, self.line, self.column = code, line, column
        self.what, self.advice, self.found = what, advice, found
        self.more = []  # further lines with the same mistake
        self.wanted = None  # the column, from 0, in which the line should begin, where that is known

    @property
    def also(self):
        return also_in_lines(self.more)

    def error(self, where):
        return NotFound(self.what, where='%s:%d:%d' % (where, self.line, self.column),
                        found=self.found, advice=self.advice)


def also_in_lines(lines):
    """` Also in lines 3, 4 and 5 more.`, or nothing."""
    if not lines:
        return ''
    return ' Also in line%s %s%s.' % ('s' if len(lines) > 1 else '', ', '.join('%d' % line for line in lines[:8]),
                                      ' and %d more' % (len(lines) - 8) if len(lines) > 8 else '')


class Failed(Exception):
    """Carries the one Problem that ended reading, and the root node of what came before it, if any.

    by_parser: whether PyYAML's parser found it, and not what is looked at here beyond that.
    """

    def __init__(self, problem, partial=None, by_parser=False):
        super(Failed, self).__init__(problem.what)
        self.problem = problem
        self.partial = partial
        self.by_parser = by_parser


def syntax_problem(text, error):
    """The Problem that a YAMLError of PyYAML's parser means."""
    lines = LINE_BREAK.split(text)
    start, end = getattr(error, 'context_mark', None), getattr(error, 'problem_mark', None)
    place = _Place(lines, end or start)
    begin = _Place(lines, start or end)
    said = '%s; %s' % (getattr(error, 'context', None) or '', getattr(error, 'problem', None) or error)
    for pattern, describe in _MISTAKES:
        if re.search(pattern, said):
            return describe(place, begin)
    return Problem('syntax', place.line, place.column, 'This cannot be read as YAML: %s' % said.strip('; '),
                   'Compare the line, and the one above it, with one that works.', place.found)


class _Place(object):
    """A mark of the parser with its line; one at the end of the file is moved to the last line that holds anything."""

    def __init__(self, lines, mark):
        line, column = (mark.line, mark.column) if mark else (0, 0)
        self.at_end = not any(row[column:] for row in lines[line:line + 1]) and not any(
            row.strip() for row in lines[line + 1:])
        if self.at_end:
            filled = [number for number, row in enumerate(lines[:line + 1]) if row.strip()]
            line = filled[-1] if filled else 0
            column = len(lines[line])
        self.lines = lines
        self.line, self.column = line + 1, column + 1
        self.text = lines[line]
        self.rest = self.text[column:]
        self.found = shortened(self.text.strip()) or None

    def at(self, line, column):
        """Another place of the same text: the line from 1, the column from 0."""
        return _Place(self.lines, yaml.Mark(None, 0, line - 1, column, None, None))

    @property
    def indent(self):
        return indent_of(self.text)

    @property
    def begins_line(self):
        return self.column - 1 == len(self.text) - len(self.text.lstrip())

    def siblings_below(self):
        """How many lines below this one begin in its column, before one begins further left."""
        found = 0
        for row in filter(is_filled, self.lines[self.line:]):
            if indent_of(row) < self.indent:
                break
            found += indent_of(row) == self.indent
        return found

    def line_above(self):
        """(number from 1, text) of the nearest line above that holds more than a comment."""
        for number in range(self.line - 2, -1, -1):
            if is_filled(self.lines[number]):
                return number + 1, self.lines[number]
        return None, ''


def indent_of(row):
    return len(row) - len(row.lstrip(' '))


def is_filled(row):
    """Whether a line holds more than a comment."""
    return bool(row.strip()) and not row.lstrip().startswith('#')


def is_header(row):
    """Whether a line is a key whose value begins below it."""
    return HEADER.search(row) is not None


def shortened(text):
    return text if len(text) <= 100 else text[:97] + '...'


def too_deep(line, column, found=None):
    return Problem('too-deep', line, column, 'Lists and mappings are nested too deeply here',
                   'At most %d levels are read. Is a bracket missing its end?' % DEEPEST, found)


def _too_deep(place, begin):
    return too_deep(place.line, place.column, place.found)


def _missing_colon(place, begin):
    return Problem('missing-colon', begin.line, begin.column,
                   'Here a `key: value` is expected, but there is no colon',
                   'If the line belongs to the key above it, indent it further than that key. If it is a key, put a '
                   'colon and a blank after it.', begin.found)


def _unexpected_colon(place, begin):
    above, row = place.line_above()
    indent = indent_of(row)
    if above and not re.search(r':(\s|$)', row):
        return _goes_on(place, above, row) or _second_colon(place)
    odd = _odd_first(place) if place.indent > indent else None
    if odd:
        return odd
    if above and place.indent > indent and not row.rstrip().endswith(':'):
        return Problem('unexpected-colon', place.line, place.indent + 1,
                       'This line is indented further than the one above it, which has its value already',
                       'Begin it in the same column as line %d (column %d).' % (above, indent + 1), place.found)
    return _second_colon(place)


def _goes_on(place, above, row):
    """The line above is a value, or a key without a colon, and this line was read as the rest of it."""
    if place.indent == indent_of(row) and re.search(r'\S\s+\S|^[^/]*:[^/]', row.strip()):
        return Problem('missing-colon', above, place.indent + 1,
                       'Here a `key: value` is expected, but there is no colon', 'Put a colon and a blank after the key.',
                       shortened(row.strip()))
    header = next((number for number in range(above - 1, 0, -1) if is_header(place.lines[number - 1])), None)
    indent = indent_of(place.lines[header - 1]) if header else place.indent
    if indent >= place.indent:
        return None
    problem = Problem('indentation', place.line, place.indent + 1,
                      'This line begins further right than the key it stands below, so it is read as part of its value',
                      'Begin it in the same column as line %d (column %d).' % (header, indent + 1), place.found)
    problem.wanted = indent
    return problem


def _second_colon(place):
    return Problem('unexpected-colon', place.line, place.column, 'There is a second colon in this place',
                   'If the text holds a colon followed by a blank, put the whole text in quotes. Else write each '
                   '`key: value` on a line of its own.', place.found)


def _bad_escape(place, begin):
    column = place.text.rfind('\\', 0, place.column + 1) + 1 or place.column
    return Problem('bad-escape', place.line, column,
                   'Inside double quotes a backslash has a special meaning, and this one has none',
                   'Write the path with forward slashes, //allen/..., or in single quotes.', place.found)


def _open_quote(place, begin):
    return Problem('open-quote', begin.line, begin.column, 'This quote is opened and never closed',
                   'Close it at the end of the text, or delete it.', begin.found)


def _bad_character(place, begin):
    character = place.rest[:1]
    if character == '\t':
        return _tab(place, begin)
    return Problem('bad-character', place.line, place.column, 'A value cannot begin with %s' % (
        'the character `%s`' % character if character != '`' else 'a backtick'),
        'Delete it, or put the whole value in quotes.', place.found)


def _tab(place, begin):
    tab = place.text.find('\t')
    return Problem('tab', place.line, tab + 1 if tab >= 0 else place.column,
                   'There is a tab where only blanks may stand',
                   'Replace the tab by blanks, as many as the neighbouring lines have.', place.found)


def _misplaced_dash(place, begin):
    return Problem('misplaced-dash', place.line, place.column, 'A list item, `- `, cannot stand here',
                   'Begin the list on a line of its own below its key; begin all its items in one column.', place.found)


def _bad_anchor_name(place, begin):
    return Problem('bad-anchor-name', begin.line, begin.column,
                   'After `&` or `*` the name of a repeated part must stand',
                   'Use letters, digits, `_` and `-` only. If the text itself shall begin with `%s`, put it in '
                   'quotes.' % (begin.rest[:1] or '*'), begin.found)


def _bad_block_text(place, begin):
    return Problem('bad-block-text', place.line, place.column, 'After `|` or `>` nothing else may stand in the line',
                   'Begin the text in the next line, indented; or put the value in quotes.', place.found)


def _indentation(place, begin):
    if not place.begins_line:
        return Problem('stray-text', place.line, place.column,
                       'There is something left over in this line after its value ended',
                       'Delete it, or put the whole value in one pair of quotes.', place.found)
    odd = _odd_first(place)
    if odd:
        return odd
    if place.rest.startswith('-'):
        advice = 'Items of one list begin in one column: compare with line %d (column %d).' % (begin.line, begin.column)
    else:
        advice = 'Lines that belong together begin in one column: compare with line %d, in column %d%s.' % (
            begin.line, begin.column, '; keys of a list item stand below its first key, behind the dash'
            if begin.rest.startswith('- ') else '')
    return Problem('indentation', place.line, place.column,
                   'This line begins in a column that fits to nothing above it', advice, place.found)


def _odd_first(place):
    """The parser stops at the second line of a block; where all lines below side with it, the first one is wrong."""
    if not place.siblings_below():
        return None
    above = [(number, row) for number, row in enumerate(place.lines[:place.line - 1], 1) if is_filled(row)]
    block = []
    while above and (not block or indent_of(above[-1][1]) >= place.indent):
        block.append(above.pop())
    number, row = block[-1]
    if not above or not is_header(above[-1][1]) or indent_of(above[-1][1]) >= min(indent_of(row), place.indent):
        return None  # nothing tells where the block begins
    dash = len(DASH.match(row.lstrip()).group())
    columns = [indent_of(other) for _, other in block[:-1]] + [indent_of(row) + dash]
    if min(columns) != columns[-1] or columns.count(columns[-1]) > 1 or dash > place.indent or \
            place.indent in (columns[-1], indent_of(row)) or columns[-1] < place.indent and is_header(row):
        return None
    problem = Problem('indentation', number, indent_of(row) + 1,
                      'This line begins in another column than those below it',
                      'Begin it in column %d: line %d and those below it stand in column %d.'
                      % (place.indent - dash + 1, place.line, place.indent + 1), shortened(row.strip()))
    problem.wanted = place.indent - dash
    return problem


def _open_bracket(place, begin):
    bracket = begin.rest[:1] or '['
    return Problem('open-bracket', begin.line, begin.column,
                   'This `%s` is not closed, or a comma is missing after it' % bracket,
                   'Separate the items with commas and close with `%s`. A text with a comma, colon or bracket in it '
                   'needs quotes.' % {'{': '}'}.get(bracket, ']'), begin.found)


def _missing_value(place, begin):
    if place.at_end:
        for number in range(place.line, 0, -1):
            row = place.lines[number - 1]
            opened = [column for column, character in enumerate(row) if character in '[{']
            if len(opened) > row.count(']') + row.count('}'):
                return _open_bracket(place, place.at(number, opened[-1]))
    return Problem('missing-value', place.line, place.column, 'Here a value is expected',
                   'Write it, or put it in quotes if it begins with a special character.', place.found)


def _second_document(place, begin):
    return Problem('left-over', place.line, place.column, 'From here on the file does not belong to what stands above',
                   'Begin the line in the first column and make it a `key: value`, or take it out.', place.found)


def _bad_tag(place, begin):
    return Problem('unsafe-tag', begin.line, begin.column, 'A value that begins with `!` asks for a special object',
                   'Put the value in quotes if the `!` is part of it, else delete the `!`.', begin.found)


_MISTAKES = [
    (r'maximum nesting depth', _too_deep),  # of newer libyaml, which looks ahead
    (r"could not find expected ':'", _missing_colon),
    (r'mapping values are not allowed', _unexpected_colon),
    (r'unknown escape|hexad|hexdec|Unicode character escape', _bad_escape),
    (r'quoted scalar; found unexpected (end of stream|document)', _open_quote),
    (r'tab character', _tab),
    (r'cannot start any token|mapping keys are not allowed', _bad_character),
    (r'sequence entries are not allowed', _misplaced_dash),
    (r'while scanning an? (anchor|alias)', _bad_anchor_name),
    (r'while scanning a block scalar', _bad_block_text),
    (r"',' or '[\]}]'|',' or", _open_bracket),
    (r'scanning an? tag|tag (handle|URI|prefix)', _bad_tag),
    (r'node content', _missing_value),
    (r"did not find expected key|'-' indicator|<block end>", _indentation),
    (r'document start', _second_document),
]
