"""Reading on after a mistake: a regimen that does not parse is mended line by line, to find what else is wrong with it.

The mended text is looked at and thrown away; nothing of it is ever run. Lines keep their numbers.
"""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.regimens import syntax
from rig_agent.regimens.problems import DASH, LINE_BREAK, Failed, Problem, is_filled, is_header

MOST_REPAIRS, FEWEST_REPAIRS = 20, 3
MOST_READ = 10 ** 6  # characters that are read again in all, from the beginning after each repair
TYPESET_DASH = re.compile('( *)([\u2013\u2014\u2212\u2022]) ')  # what a word processor makes of an item's `-`
CONFLICT = re.compile(r'(<{7}|={7}|>{7}|\|{7})( |$)')


class Recovered(object):
    """root: a Node or None. problems: every mistake. whole: whether the text reads as it stands, anchors aside."""

    def __init__(self, root, problems, whole):
        self.root, self.problems, self.whole = root, problems, whole


def compose_all(text):
    """Recovered from a text: as much of it as can be read, and every mistake on the way."""
    lines = LINE_BREAK.split(text)
    found = _conflicts(lines)
    if found:
        text = '\n'.join(lines)
    mended = set()
    for _ in range(max(FEWEST_REPAIRS, min(MOST_REPAIRS, MOST_READ // (len(text) or 1)))):
        problems = []
        try:
            return Recovered(syntax.compose(text, problems), found + _told_once(problems), not found)
        except Failed as failed:
            problem, partial = failed.problem, failed.partial
        dashes = _typeset_dashes(lines)
        if dashes:  # what failed is a consequence of them
            found.append(dashes)
            text = '\n'.join(lines)
            continue
        if not _continues(problem, found, lines, mended):
            found.append(problem)
        mended.add(problem.line)
        before = list(lines)
        _repair(problem, lines)
        if lines == before:
            break
        text = '\n'.join(lines)
    return Recovered(partial, found, False)


def _conflicts(lines):
    """The Problems of git's marks, which are taken out of the lines with the second of two versions: it would only
    repeat the keys of the first."""
    found, second = [], False
    for index, row in enumerate(lines):
        mark = CONFLICT.match(row)
        if mark and found and mark.group(1)[0] != '<':
            found[-1].more.append(index + 1)
        elif mark:
            found.append(Problem('merge-conflict', index + 1, 1,
                                 'Git left this mark where two versions were not put together',
                                 'Keep one of the two versions, and delete the lines with the marks.', row))
        if mark:
            second = mark.group(1)[0] in '=|'
        if mark or second:
            lines[index] = ''
    return found


def _typeset_dashes(lines):
    """The Problem of list items that begin with a dash instead of a hyphen, which they get; None without any."""
    found = None
    for index, row in enumerate(lines):
        dash = TYPESET_DASH.match(row)
        if dash and found:
            found.more.append(index + 1)
        elif dash:
            found = Problem('bad-character', index + 1, dash.end(1) + 1,
                            'The dash `%s` begins this item of a list, where a hyphen is meant' % dash.group(2),
                            'Type it again with the keyboard: `-` and a blank.', row.strip())
        if dash:
            lines[index] = dash.group(1) + '-' + row[dash.end(2):]
    return found


def _told_once(problems):
    """The problems with those of one name put together: an anchor that is missing is missing wherever it is used."""
    first, told = {}, []
    for problem in problems:
        if problem.code == 'undefined-anchor' and problem.what in first:
            first[problem.what].more.append(problem.line)
        else:
            first.setdefault(problem.what, problem)
            told.append(problem)
    return told


def _continues(problem, found, lines, mended):
    """Whether a problem is the same mistake as the one in the line above, which was mended: it is told once."""
    above = problem.line - 1
    while above > 0 and not lines[above - 1].strip() and above not in mended:
        above -= 1
    return problem.line in mended or above in mended and any(
        earlier.code == problem.code and earlier.line <= above for earlier in found)


def _repair(problem, lines):
    """Change the line of a problem so that the rest can be read: mend it, or leave it out."""
    index = problem.line - 1
    if index >= len(lines):
        return
    if problem.code == 'second-document':
        for above in range(index, -1, -1):
            if lines[above].startswith(('---', '...')):
                lines[above] = ''
                return
    row, column = lines[index], problem.column - 1
    if problem.wanted is not None:
        lines[index] = ' ' * problem.wanted + row.lstrip()
        return
    mended = _mended(problem.code, row, column, lines, index)
    lines[index] = mended if mended is not None and mended != row else ''


def _mended(code, row, column, lines, index):
    indent = len(row) - len(row.lstrip())
    above = _line_above(lines, index)
    if code == 'tab':
        wanted = _fitting_indent(lines, index) if '\t' in row[:indent] else indent
        rest = re.sub('(?<=\\w)\t(?=\\w)', '', row.lstrip()).replace('\t', ' ')
        return ' ' * (indent if wanted is None else wanted) + rest
    if code == 'bad-escape':
        return row[:row.find('"') + 1] + row[row.find('"') + 1:].replace('\\', '/')
    if code == 'open-quote':
        return row[:column] + row[column + 1:]
    if code == 'bad-character':
        return row[:column] + row[column + 1:]
    if code == 'open-bracket':
        close = '}' if row[column:column + 1] == '{' else ']'
        return None if row.rstrip().endswith(close) else row.rstrip() + close
    if code == 'stray-text':
        return row[:column].rstrip() if not re.match(r'\s*\S+\s*$', row[:column]) else None
    if code == 'missing-colon' and above.rstrip().endswith(':') and _indent(above) == indent:
        return '  ' + row  # a value below its key, not indented
    if code == 'unexpected-colon' and column == indent:
        return row.lstrip() if not above else ' ' * _indent(above) + row.lstrip()
    if code == 'unexpected-colon':
        key, colon, value = row.partition(': ')
        return key + ": '" + value.replace("'", "''") + "'" if colon and not value.startswith("'") else None
    if code == 'indentation' and above.lstrip().startswith('- ') and _indent(above) == indent:
        return '  ' + row  # the keys of a list item, below its dash
    if code == 'indentation' and index and lines[index - 1].startswith('  ' + row[:indent]) and ':' in row and \
            _is_item(lines, index, indent):
        return '  ' + row
    if code == 'indentation' and column == indent:
        wanted = _fitting_indent(lines, index)
        return None if wanted is None else ' ' * wanted + row.lstrip()
    return None


def _fitting_indent(lines, index):
    """The column, from 0, of the block that a line which begins beside it was most likely meant for, or None."""
    row, indent = lines[index], _indent(lines[index])
    above, below = _line_above(lines, index), next((other for other in lines[index + 1:] if is_filled(other)), '')
    open_blocks = []
    for other in reversed([other for other in lines[:index] if is_filled(other)]):
        for column in (_indent(other) + len(DASH.match(other.lstrip()).group()), _indent(other)):
            if not open_blocks or column < open_blocks[-1]:
                open_blocks.append(column)
    if row.lstrip().startswith('- '):
        return next((_indent(other) for other in reversed(lines[:index]) if other.lstrip().startswith('- ')), None)
    if is_header(row):
        return next((block for block in open_blocks if block < _indent(below)), None)
    if '\t' in row[:indent]:
        beside = _indent(above) + len(DASH.match(above.lstrip()).group())
        return _indent(below) if is_header(above) and _indent(below) > beside else beside
    nearest = sorted((abs(block - indent), block not in (_indent(above), _indent(below)), -block)
                     for block in open_blocks if block != indent)
    return -nearest[0][2] if nearest else None


def _is_item(lines, index, indent):
    """Whether the lines above, one step further in, belong to a list item that begins in this column."""
    while index > 0:
        index -= 1
        if lines[index].strip() and _indent(lines[index]) <= indent:
            return lines[index].lstrip().startswith('- ') and _indent(lines[index]) == indent
    return False


def _line_above(lines, index):
    for row in reversed(lines[:index]):
        if is_filled(row):
            return row
    return ''


def _indent(row):
    return len(row) - len(row.lstrip())
