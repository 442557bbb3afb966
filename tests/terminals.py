"""A real terminal of POSIX for tests: what a person would see at one, and what they type."""
from __future__ import absolute_import, unicode_literals

import os
import re
import subprocess
import threading
import time

from rig_agent.base.compat import to_native, to_text
from support import HANG

COLUMNS = 72


class Terminal(object):
    """A terminal of 72 columns: what it was sent, what it shows at the end.

    answers: [(the end of a question, what is typed then)], in their order. environment: variables.
    """

    def __init__(self, agent, words, answers=(), **environment):
        import fcntl
        import pty
        import struct
        import termios
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack(str('HHHH'), 24, COLUMNS, 0, 0))
        variables = dict(agent.environment, **dict({'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'}, **environment))
        for name in ('COLUMNS', 'LINES') + (('NO_COLOR',) if 'NO_COLOR' not in environment else ()):
            variables.pop(name, None)
        process = subprocess.Popen(agent.argv(*words), stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
                                   cwd=to_native(agent.folder),
                                   env={to_native(key): to_native(value) for key, value in variables.items()})
        os.close(theirs)
        watchdog = threading.Timer(HANG, process.kill)
        watchdog.start()
        parts, answers = [], list(answers)
        try:
            while True:
                parts.append(os.read(ours, 65536))
                if not parts[-1]:
                    break
                if answers and b''.join(parts).rstrip().endswith(answers[0][0].encode('utf-8')):
                    question, typed = answers.pop(0)
                    while 'password' in question and termios.tcgetattr(ours)[3] & termios.ECHO and process.poll() is None:
                        time.sleep(0.01)  # what was typed before the terminal hides it is thrown away
                    os.write(ours, typed.encode('utf-8') + b'\n')
        except OSError:
            pass  # the other end is closed
        self.code = process.wait()
        watchdog.cancel()
        os.close(ours)
        self.sent = to_text(b''.join(parts))

    def lines(self):
        """What stands there when each carriage return is obeyed; colours left out."""
        shown, column = [[]], 0
        for letter in re.sub('\x1b\\[[0-9;]*m', '', self.sent):
            if letter == '\r':
                column = 0
            elif letter == '\n':
                shown.append([])
                column = 0
            else:
                shown[-1][column:column + 1] = [letter]
                column += 1
        return [''.join(line).rstrip() for line in shown]

    def live_lines(self):
        return [part for part in re.split('[\r\n]', self.sent) if re.match('(running|stopping) ', part)]
