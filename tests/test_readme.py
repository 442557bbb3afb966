"""What the README shows is true: its console blocks are run, and what they print is what stands there.

In a block, `$ ` begins a command and the lines behind it are its output; `...` stands for anything, also for lines.
`$ echo $?` behind a command says its exit code, otherwise it is 0.
"""
from __future__ import absolute_import, unicode_literals

import contextlib
import io
import os
import re
import shutil
import socket
import subprocess

import pytest

from support import PROJECT, Agent
from rig_agent.base.compat import to_native, to_text

BLOCK = re.compile(r'^```console\n(.*?)^```$', re.MULTILINE | re.DOTALL)
# Everywhere else: a line of a block, with what it does behind two blanks or a `#`; a word in backticks.
MENTIONED = re.compile(r'^(?:\$ )?(rig-agent (?:(?!  | #| \.\.\.).)+)|`(rig-agent [^`]+)`', re.MULTILINE)


def readme():
    with io.open(os.path.join(PROJECT, 'README.md'), encoding='utf-8') as stream:
        return stream.read()


def blocks():
    """[(line in README.md, [(command, expected output, exit code)])]"""
    text = readme()
    return [(text[:match.start()].count('\n') + 2, commands(match.group(1))) for match in BLOCK.finditer(text)]


def commands(block):
    found = []
    for part in re.split(r'^\$ ', block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition('\n')
        if command == 'echo $?':
            found[-1][2] = int(output)
        else:
            found.append([command, output, 0])
    return found


# What differs from one run to the next, and what may stand in its place.
VARIES = [(r'\.\.\.', '.*'), (r'[0-9]{12}_', '[0-9]{12}_'), (r'_[0-9a-f]{8}$', '_[0-9a-f]{8}'),
          (r'[0-9]{12}\.pkl', r'[0-9]{12}\.pkl'), (r'[0-9.]+ (?:s|ms|MB|kB)\b', '[0-9.]+ (?:s|ms|MB|kB)'), (r' +', ' +')]
ANY_THAT_VARIES = re.compile('|'.join('(%s)' % shown for shown, _ in VARIES), re.MULTILINE)


def matches(expected, found):
    """Whether the output is the one shown, whatever times, sizes, ids and interpreters it names."""
    pattern, place = '', 0
    for piece in ANY_THAT_VARIES.finditer(expected.rstrip()):
        pattern += re.escape(expected[place:piece.start()]) + VARIES[piece.lastindex - 1][1]
        place = piece.end()
    pattern += re.escape(expected[place:].rstrip())
    return re.match(pattern + r'\s*$', found, re.DOTALL) is not None


def test_a_difference_is_seen_and_what_varies_is_not():
    shown = 'outcome   completed\noutput    .../261124031839.pkl (2.01 MB)\nsession   .../261124030319_a_01530855'
    assert matches(shown, 'outcome   completed\noutput    /x/261125031839.pkl (1.99 MB)\nsession /y/261124030320_a_ffffffff\n')
    assert not matches(shown, shown.replace('completed', 'failed'))
    assert not matches(shown, shown.replace('_a_', '_b_'))


@pytest.fixture(scope='module')
def desk(tmpdir_factory):
    """A folder as README's reader has it: a checkout with the regimen, an empty home. What was begun with `&` is ended."""
    desk = Desk(to_text(str(tmpdir_factory.mktemp('desk'))))
    yield desk
    for process in desk.running:
        process.kill()
        process.communicate()


class Desk(Agent):
    """Types what the README shows: the installed command, and the few others that its reader needs."""

    def __init__(self, folder):
        shutil.copy(os.path.join(PROJECT, 'regimen.yml'), folder)
        home = os.path.join(folder, 'home')
        os.mkdir(home)
        super(Desk, self).__init__(folder, home)
        self.running = []
        self.port = '%d' % free_port()  # two Pythons may be at this side by side
        for command in ('git init -q', 'git add regimen.yml', 'git -c user.name=T -c user.email=t@e.org commit -qm begin'):
            self.other(command)

    def type(self, command):
        """(exit code, what it printed)"""
        words = split(command.replace('5000', self.port))
        if words[0] == 'export':
            self.environment.update(word.split('=', 1) for word in words[1:])
            return 0, ''
        if words[0] != 'rig-agent':
            return 0, self.other(command)
        if words[-1] == '&':
            self.running.append(self.start(*words[1:-1] + ['--port', self.port]))
            return 0, self.shown(to_text(self.running[-1].stdout.readline()))
        ended = self(*words[1:])
        return ended.code, self.shown(ended.out + ended.err)

    def other(self, command):
        return to_text(subprocess.check_output(to_native(command), shell=True, cwd=to_native(self.folder)))

    def shown(self, text):
        return text.replace(self.port, '5000')


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((str('127.0.0.1'), 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize('line, shown', blocks(), ids=['line %d' % line for line, _ in blocks()])
def test_the_commands_of_the_readme_print_what_it_shows(desk, line, shown):
    for command, expected, code in shown:
        found, printed = desk.type(command)
        assert found == code, '%s\n%s' % (command, printed)
        assert matches(expected, printed), '%s\n--- README says\n%s\n--- it printed\n%s' % (command, expected, printed)
    if 'RIG_AGENT_REPORT_URL' in desk.environment:  # the day at a desk
        import requests
        page = requests.get(desk.environment['RIG_AGENT_REPORT_URL']).text
        assert all('>%s</td>' % mouse in page for mouse in ('612345', '612346', '612347')) and 'completed' in page


def split(command):
    import shlex
    return [to_text(word) for word in shlex.split(str(command))]


@pytest.mark.parametrize('command', sorted({block or word for block, word in MENTIONED.findall(readme())}))
def test_every_command_and_option_of_the_readme_is_there(agent, command):
    ended = agent(*(split(command)[1:] + ['--help']))  # help comes after the words before it were understood
    assert ended.code == 0 and 'Usage: rig-agent' in ended.out, ended


def test_the_readme_shows_the_main_job():
    assert any(command[0].startswith('rig-agent smoke') for _, shown in blocks() for command in shown)
