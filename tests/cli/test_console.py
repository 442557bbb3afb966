"""What a person sees at a terminal and elsewhere: a session's live line, colours, help, answers to typing errors."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re

import click
import pytest

from labs import Lab
from rig_agent.base.compat import WINDOWS, to_text
from rig_agent.base.printed import last_line
from rig_agent.cli import live, main
from terminals import COLUMNS, Terminal

SCRIPT = '''
for number in range(45):
    os.write(1, ("frame %d\\n" % number).encode("ascii"))
    time.sleep(0.03)
    while number == 20 and not os.path.exists("resources.csv"):
        time.sleep(0.03)
    time.sleep(2 if number == 20 else 0)
os.write(2, b"warning: dropped a frame\\n")
os.write(1, b"waiting for \\x1b[1mthe mouse\\x1b[0m password=hunter2hunter2 \\xc2\\xb5l " + b"x" * 90)
time.sleep(2)
'''


@pytest.fixture
def lab(agent):
    return Lab(agent)


@pytest.mark.skipif(WINDOWS, reason='a terminal of POSIX')
def test_at_a_terminal_a_live_line_stands_below_the_output_and_nothing_of_it_stays(lab):
    lab.regimen(SCRIPT)
    seen = Terminal(lab.agent, ['run', 'stage_a', '--timeout', '90s'])
    assert seen.code == 0, seen.sent
    live_lines = seen.live_lines()
    expected = re.compile(r'running \d+ s of 1 min 30 s \| [\d.]+ MB \| frame \d+ *$')
    assert any(expected.match(line) for line in live_lines), live_lines
    assert any('waiting for the mouse' in line for line in live_lines)
    assert all(len(line) < COLUMNS and '\x1b' not in line and 'hunter2' not in line for line in live_lines)
    shown = seen.lines()
    assert [line for line in shown if line.startswith('frame ')] == ['frame %d' % number for number in range(45)]
    assert 'warning: dropped a frame' in shown and not any(line.startswith('running ') for line in shown)
    assert [line for line in shown if line.startswith('waiting for the mouse')][0].endswith('x' * 90)
    assert '\x1b[32m\x1b[1mcompleted\x1b[0m' in seen.sent and 'outcome   completed: exit code 0' in shown


@pytest.mark.skipif(WINDOWS, reason='a terminal of POSIX')
def test_without_colours_and_without_utf_8_the_agent_prints_ascii_only(lab):
    lab.regimen('sys.stdout.flush()\nos.write(1, b"\\xc2\\xb5l")\ntime.sleep(2)\n')
    seen = Terminal(lab.agent, ['run', 'stage_a'], NO_COLOR='1', LC_ALL='C', PYTHONIOENCODING='ascii')
    assert seen.code == 0 and '\x1b' not in seen.sent, seen.sent
    assert any(re.search('nothing printed yet|[?]+l', line) for line in seen.live_lines()), seen.sent
    assert all(ord(letter) < 128 for letter in ''.join(seen.live_lines()))


def test_elsewhere_the_output_is_passed_on_as_it_is_without_a_live_line(lab):
    lab.regimen('os.write(1, b"one\\r\\ntwo\\xff")\nos.write(2, b"three\\n")\ntime.sleep(0.6)\n')
    process = lab.agent.start('run', 'stage_a')
    out, err = process.communicate()
    assert b'one\r\ntwo\xff' in out and b'running' not in out and b'\x1b' not in out, out
    assert err.endswith(b'three\n'), err


@pytest.mark.parametrize('words, seen', [([], True), (['--quiet'], False), (['--json'], False)])
def test_a_smoke_test_of_stages_shows_how_far_it_is_unless_it_was_asked_not_to(lab, words, seen):
    lab.regimen('from rig_simulation.clock import real_sleep\nopen("output/x.pkl", "w").write("x")\n'
                'real_sleep(0.4)\n')  # no bar is shown for what is done in half a second
    with io.open(os.path.join(lab.agent.folder, 'regimen.yml'), encoding='utf-8') as stream:
        text = stream.read()
    with io.open(os.path.join(lab.agent.folder, 'regimen.yml'), 'w', encoding='utf-8') as stream:
        stream.write(text.replace('"stages": {', '"stages": {"other": {"script": "./task.py"}, '))
    smoke = Terminal(lab.agent, ['smoke', '--simulate', '--all'] + words)
    assert smoke.code == 0 and ('stages  [' in smoke.sent) == seen, smoke.sent


def test_the_live_line_says_how_long_nothing_was_printed():
    record = {'state': 'running', 'limits': {'total': {'value': None}}}
    assert live.live_line(record, 75.4, 212e6, 'frame 7', 3.0) == 'running 1 min 15 s | 212 MB | frame 7'
    assert live.live_line(record, 75.4, None, 'frame 7', 63.0) == 'running 1 min 15 s | 1 min 3 s ago: frame 7'
    assert live.live_line(record, 3, None, '', 3.0) == 'running 3 s | nothing printed yet'


@pytest.mark.parametrize('content, expected', [
    (b'one\ntwo\n\n', 'two'), (b'', ''), (b' 10 %\r 20 %\r 30 %', '30 %'), (b'a\x1b[31mred\x1b[0m\r\n', 'ared'),
    (b'beep\x07', 'beep\ufffd'), (b'\xff\n', '\ufffd')])
def test_the_last_line_is_what_a_terminal_would_show_of_it(content, expected):
    assert last_line(content) == expected


def test_a_row_holds_letters_of_two_columns():
    assert live._width('a\u4e2d\u0301') == 3 and live._width(live._fitting('frame ' * 50, 30)) <= 30


# ---------------------------------------------------------------------------------- help and typing errors

def commands(command=main.rig_agent, path=('rig-agent',)):
    """[(words, command)] of every command and group."""
    found = [(path, command)]
    context = click.Context(command, info_name=path[-1])
    for name in command.list_commands(context) if hasattr(command, 'list_commands') else ():
        found += commands(command.get_command(context, name), path + (name,))
    return found


def test_the_help_of_every_command_has_an_example_of_it():
    assert len(commands()) > 40
    for words, command in commands():
        assert re.search(r'^ *(.*: +)?%s( |$)' % ' '.join(words), command.help or '', re.MULTILINE), words


def test_a_mistyped_command_is_answered_with_the_nearest_at_every_level(agent):
    groups = [words for words, command in commands() if hasattr(command, 'list_commands')]
    assert len(groups) > 8
    for words, command in commands():
        if words in groups:
            name = command.list_commands(click.Context(command))[-1]
            with pytest.raises(click.UsageError) as caught:
                command.resolve_command(click.Context(command, info_name=words[-1]), [name + 'x'])
            assert 'Did you mean `%s`?' % name in to_text(caught.value.message)
    ended = agent('sessions', 'shwo')
    assert ended.code == 2 and 'Did you mean `show`?' in ended.err


def test_a_mistyped_stage_is_answered_with_the_nearest(lab):
    lab.regimen('')
    ended = lab.agent('run', 'stage_b')
    assert ended.code == 6 and 'Did you mean `stage_a`?' in ended.err


@pytest.mark.skipif(WINDOWS, reason='completion of a POSIX shell')
def test_a_shell_completes_the_commands(agent):
    try:
        import click.shell_completion as modern
    except ImportError:  # click 7
        modern = None
    ended = agent('x', environment={'_RIG_AGENT_COMPLETE': 'bash_complete' if modern else 'complete',
                                    'COMP_WORDS': 'rig-agent sess', 'COMP_CWORD': '1'})
    assert ended.out.split() in (['plain,sessions'], ['sessions']), ended
