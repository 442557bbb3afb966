"""The last traceback in a script's stderr, of Python 2 or 3, chained or not, its own or of an interpreter it started."""
from __future__ import absolute_import, unicode_literals

import re

HEADER = re.compile(r'^[ |+]*(?:Exception Group )?Traceback \(most recent call last\):\s*$')
FRAME = re.compile(r'^[ |]*File "(?P<file>[^"]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
# `ValueError: text`, `package.Error`, `KeyboardInterrupt`; Python 2 prints old-style classes the same way.
LAST_LINE = re.compile(r'^[ |]*(?P<type>[A-Za-z_][\w.]*)(?:: ?(?P<message>.*))?$')
NOISE = re.compile(r'^\s*$|warning|^fatal: not a git repository|^Failed to set up control stream|^Exception ignored|^\^C$',
                   re.IGNORECASE)
LONGEST_MESSAGE = 2000


def find(text, script=None):
    """The last traceback in `text`, or None.

    {type, message, file, line, function, script_file, script_line, nested, at_end, text}: `file` and `line` are the
    innermost frame's, which may be a library's; `script_file` and `script_line` those of the innermost frame in `script`
    or in a file beside it, None when there is none. nested: it was printed by another interpreter than the one that ran
    `script`, for only an uncaught exception of another main module begins in the `<module>` of another file. at_end: only
    noise follows it.
    """
    lines = text.splitlines()
    found = None
    position = 0
    while position < len(lines):
        if HEADER.match(lines[position]) or _is_syntax_error(lines, position):
            parsed, position = _parse(lines, position)
            found = parsed or found
        else:
            position += 1
    if found:
        rest = lines[found.pop('end'):]
        found['at_end'] = all(NOISE.search(line) for line in rest)
        frames = found.pop('frames')
        found['nested'] = bool(script) and bool(frames) and frames[0]['function'] == '<module>' and \
            not _same_file(frames[0]['file'], script)
        own = [frame for frame in frames if script and _is_own(frame['file'], script)]
        found['script_file'], found['script_line'] = (own[-1]['file'], int(own[-1]['line'])) if own else (None, None)
    return found


def _is_syntax_error(lines, position):
    """A script that does not compile is reported without the header."""
    frame = FRAME.match(lines[position])
    return bool(frame) and frame.group('function') is None and any(
        re.match(r'^(\w*SyntaxError|IndentationError|TabError)\b', line) for line in lines[position + 1:position + 5])


def _parse(lines, start):
    position = start + 1 if HEADER.match(lines[start]) else start
    frames = []
    while position < len(lines):
        frame = FRAME.match(lines[position])
        if frame:
            frames.append(frame.groupdict())
        elif frames and not lines[position].startswith((' ', '\t', '|')):
            break
        elif not frames and not lines[position].startswith((' ', '\t', '|')):
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
            'text': '\n'.join(lines[start:end])[-20000:], 'end': end, 'frames': frames}, end


def _same_file(name, script):
    return _split(name)[1] == _split(script)[1]


def _is_own(name, script):
    """Whether a frame's file is the script or lies beside it; a bare name is one of the current folder, the session's."""
    return _same_file(name, script) or _split(name)[0] in (_split(script)[0], '') and not name.startswith('<')


def _split(path):
    """(folder, name) of a path of any system."""
    folder, _, name = path.replace('\\', '/').rpartition('/')
    return folder, name
