"""What a person sees of a session that runs: its output as it comes and, at a terminal, one live line below it.

The live line says how long it runs, its limit, its memory and what was printed last. It is ASCII, drawn over itself
with nothing but a carriage return, which every console knows. Elsewhere the script's bytes are passed on as they are.
"""
from __future__ import absolute_import, unicode_literals

import errno
import os
import sys
import unicodedata

import click

from rig_agent.base.compat import PY2, WINDOWS, is_terminal, monotonic
from rig_agent.base.masking import mask
from rig_agent.base.printed import last_line
from rig_agent.base.units import format_duration, format_size
from rig_agent.cli.context import silence
from rig_agent.reports import markup, summary
from rig_agent.sessions import listing

EVERY = 0.5            # seconds between two looks of the live line
SILENT = 10.0          # seconds after which it says how long ago the last line was printed
LONGEST_PART = 1 << 16  # bytes of a line without an end that are held back
COLOURS = {'good': 'green', 'asked': 'yellow', 'bad': 'red'}


def console(context):
    """The Console, LiveConsole or nothing at all for whoever looks: a context manager around following a session."""
    if context.json or context.verbosity < 0:
        return Console(context, silent=True)
    if is_terminal(sys.stdout) and os.environ.get('TERM') != 'dumb':
        return LiveConsole(context)
    return Console(context)


def ended(record):
    """The summary of a session, its outcome in colour."""
    text = summary.text(record)
    outcome = record['outcome'] or record['state']
    return text.replace(outcome, click.style(outcome, fg=COLOURS.get(markup.sign(outcome)[1]), bold=True), 1)


class Console(object):
    """Passes on what a session prints. `output` is None when nobody wants it."""

    def __init__(self, context, silent=False):
        self.context = context
        self.output = None if silent else self._output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def _output(self, name, content):
        """The script's bytes as they are, to our stream of the same name."""
        _write(sys.stdout if name == 'stdout' else sys.stderr, content)

    def on_state(self, record):
        self.context.detail('state: %s' % record['state'])

    def say(self, text):
        self.context.say(text)

    def between(self):
        """Called between two looks at the session."""


class LiveConsole(Console):
    """Whole lines of output scroll above the live line; a line that has no end yet stands in it."""

    def __init__(self, context):
        super(LiveConsole, self).__init__(context)
        self.held = {'stdout': b'', 'stderr': b''}
        self.last_line, self.printed_at = '', monotonic()
        self.record = self.begun = self.looked_at = None
        self.memory = None
        self.drawn = 0  # columns that the live line takes now

    def __exit__(self, *_):
        for name, content in sorted(self.held.items()):
            if content:
                self._pass_on(name, content + b'\n')
        self._erase()

    def _output(self, name, content):
        self.printed_at = monotonic()
        whole, newline, rest = (self.held[name] + content).rpartition(b'\n')
        if len(rest) > LONGEST_PART:
            whole, newline, rest = whole + newline + rest, b'', b''
        self.held[name] = rest
        self.last_line = last_line(whole) or self.last_line
        if whole or newline:
            self._pass_on(name, whole + newline)

    def _pass_on(self, name, content):
        self._erase()
        super(LiveConsole, self)._output(name, content)

    def on_state(self, record):
        self.record = record
        if self.begun is None and record['times']['started']:
            self.begun = monotonic() - (listing.now(record)['running_s'] or 0.0)

    def say(self, text):
        self._erase()
        super(LiveConsole, self).say(text)

    def between(self):
        if self.begun is None or self.record['state'] == 'ended':
            return
        if self.looked_at is not None and monotonic() - self.looked_at < EVERY:
            if not self.drawn:
                self._draw()
            return
        self.looked_at = monotonic()
        self.memory = listing.now(self.record)['memory_bytes']
        self._draw()

    def _draw(self):
        width = _columns() - 1  # a full row makes some consoles begin a new one
        said = last_line(self.held['stdout']) or last_line(self.held['stderr']) or self.last_line
        text = _fitting(live_line(self.record, monotonic() - self.begun, self.memory, said,
                                  monotonic() - self.printed_at), width)
        columns = _width(text)
        _print('\r' + text + ' ' * (self.drawn - columns))
        self.drawn = columns

    def _erase(self):
        if self.drawn:
            _print('\r' + ' ' * self.drawn + '\r')
            self.drawn = 0


def live_line(record, elapsed, memory, said, silent_for):
    """`running 3 min 12 s of 1 h | 212 MB | frame 1200`; said: the last line; silent_for: seconds since."""
    limit = record['limits']['total']['value']
    parts = ['%s %s%s' % (record['state'], format_duration(int(elapsed)),
                          ' of %s' % format_duration(limit) if limit is not None else '')]
    if memory is not None:
        parts.append(format_size(memory))
    ago = '%s ago: ' % format_duration(int(silent_for)) if silent_for >= SILENT else ''
    parts.append(ago + mask(said) if said else 'nothing printed yet')
    return ' | '.join(parts)


def _fitting(text, width):
    """The text as far as a row of the console takes it, in letters that the console has."""
    encoding = getattr(sys.stdout, 'encoding', None) or 'ascii'
    text = text.encode(encoding, 'replace').decode(encoding).replace('\t', ' ')
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 3:
        text = text[:-1]
    return text + '...'


def _width(text):
    """Columns of a text: letters of East Asia take two, marks on a letter none."""
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in 'WF' else 1
               for letter in text)


def _columns():
    try:
        from shutil import get_terminal_size
    except ImportError:  # Python 2
        get_terminal_size = click.get_terminal_size
    return get_terminal_size()[0] or 80


def _print(text):
    _write(sys.stdout, text.encode(getattr(sys.stdout, 'encoding', None) or 'ascii', 'replace'))


def _write(stream, content):
    """Bytes to a stream. A console that is gone ends the showing, never the following."""
    try:
        stream.flush()
        if PY2 and not WINDOWS:
            return _write_through_signals(stream.fileno(), content)
        getattr(stream, 'buffer', stream).write(content)
        stream.flush()
    except EnvironmentError:
        silence(stream)


def _write_through_signals(descriptor, content):
    """As Python 3 writes: a signal is heard while a pager lets us wait, and the writing goes on after it."""
    while content:
        try:
            content = content[os.write(descriptor, content):]
        except OSError as error:
            if error.errno != errno.EINTR:
                raise
