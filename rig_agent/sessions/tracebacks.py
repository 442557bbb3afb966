"""The last traceback in a script's stderr, of Python 2 or 3, chained or not, its own or of an interpreter it started."""
from __future__ import absolute_import, unicode_literals

import re

HEADER = re.compile(r'^[ |+]*(?:Exception Group )?Traceback \(most recent call last\):\s*$')
FRAME = re.compile(r'^[ |]*File "(?P<file>[^"]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
# `ValueError: text`, `package.Error`, `KeyboardInterrupt`; Python 2 prints old-style classes the same way.
LAST_LINE = re.compile(r'^[ |]*(?P<type>[A-Za-z_][\w.]*)(?:: ?(?P<message>.*))?$')
NOISE = re.compile(r'^\s*$|warning|^fatal: not a git repository|^Failed to set up control stream|^Exception ignored|'
                   r'^Error in (atexit|sys\.exitfunc)|^\^C$', re.IGNORECASE)
IGNORED = re.compile(r'^Exception ignored')  # the line above a traceback that Python shows and does nothing about
AT_EXIT = re.compile(r'^Error in (atexit|sys\.exitfunc)')  # what follows the traceback that the script ended with
GROUP = re.compile(r'^ *(?=\+ )')            # an exception group stands behind a margin, its exceptions after it
GROUPED = re.compile(r'^ *[|+]')
LIBRARY = re.compile(r'[\\/](?:site|dist)-packages[\\/]')
LONGEST_MESSAGE = 2000


def find(text, script=None):
    """The last traceback in `text`, or None.

    {type, message, file, line, function, script_file, script_line, nested, at_end, text}: `file` and `line` are the
    innermost frame's, which may be a library's; `script_file` and `script_line` those of the innermost frame in `script`
    or in a file beside it, None when there is none. nested: it seems to be of another interpreter than the one that ran
    `script`: it begins in the `<module>` of another file, and that is no library's, which handles and prints what goes
    wrong as it is imported. at_end: only noise follows it.
    """
    lines = text.splitlines()
    found = None
    position = 0
    while position < len(lines):
        begins = HEADER.match(lines[position]) or _is_syntax_error(lines, position)
        parsed, end = _parse(lines, position) if begins else (None, position + 1)
        if parsed:
            if not _is_aside(lines[position - 1] if position else '', found):
                found = dict(parsed, at_end=True)
        elif found and not all(NOISE.search(line) for line in lines[position:end]):
            found['at_end'] = False
        position = end
    if found:
        frames = found.pop('frames')
        found['nested'] = bool(script) and bool(frames) and frames[0]['function'] == '<module>' and \
            not _same_file(frames[0]['file'], script) and not LIBRARY.search(frames[0]['file'])
        own = [frame for frame in frames if script and _is_own(frame['file'], script)]
        found['script_file'], found['script_line'] = (own[-1]['file'], int(own[-1]['line'])) if own else (None, None)
    return found


def _is_aside(line_above, before):
    """Whether a traceback is not what the script ended with: one ignored, or one at the exit after the one `before`."""
    return bool(IGNORED.match(line_above) or AT_EXIT.match(line_above) and before and before['at_end'])


def _is_syntax_error(lines, position):
    """A script that does not compile is reported without the header."""
    frame = FRAME.match(lines[position])
    return bool(frame) and frame.group('function') is None and any(
        re.match(r'^(\w*SyntaxError|IndentationError|TabError)\b', line) for line in lines[position + 1:position + 5])


def _parse(lines, start):
    """(the traceback that begins there or None, where the lines after it begin)."""
    margin = GROUP.match(lines[start])
    if margin:
        return _parse_group(lines, start, margin.group() + '| ')
    position = start + 1 if HEADER.match(lines[start]) else start
    frames = []
    while position < len(lines):
        frame = FRAME.match(lines[position])
        if frame:
            frames.append(frame.groupdict())
        elif not lines[position].startswith((' ', '\t', '|')):
            break
        position += 1
    last = LAST_LINE.match(lines[position]) if position < len(lines) else None
    if not last:
        return None, max(position, start + 1)
    message = [last.group('message') or '']
    end = position + 1
    while end < len(lines) and lines[end].strip() and sum(map(len, message)) < LONGEST_MESSAGE:
        if HEADER.match(lines[end]) or NOISE.search(lines[end]):
            break
        message.append(lines[end])
        end += 1
    inner = frames[-1] if frames else {'file': None, 'line': None, 'function': None}
    return {'type': last.group('type'), 'message': '\n'.join(message)[:LONGEST_MESSAGE], 'file': inner['file'],
            'line': int(inner['line']) if inner['line'] else None, 'function': inner['function'],
            'text': '\n'.join(lines[start:end])[-20000:], 'frames': frames}, end


def _parse_group(lines, start, margin):
    """The same of an exception group: its own traceback, behind the margin; the text holds its exceptions too."""
    end = start + 1
    while end < len(lines) and GROUPED.match(lines[end]):
        end += 1
    own = [lines[start].strip(' +')]
    for line in lines[start + 1:end]:
        if not line.startswith(margin):
            break
        own.append(line[len(margin):])
    parsed, _ = _parse(own, 0)
    return parsed and dict(parsed, text='\n'.join(lines[start:end])[-20000:]), end


def _same_file(name, script):
    return _split(name)[1] == _split(script)[1]


def _is_own(name, script):
    """Whether a frame's file is the script or lies beside it; a bare name is one of the current folder, the session's."""
    return _same_file(name, script) or _split(name)[0] in (_split(script)[0], '') and not name.startswith('<')


def _split(path):
    """(folder, name) of a path of any system."""
    folder, _, name = path.replace('\\', '/').rpartition('/')
    return folder, name
