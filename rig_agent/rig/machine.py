"""What this machine has and lacks: each function is one check of it and returns a `Result`."""
from __future__ import absolute_import, unicode_literals

import glob
import io
import ntpath
import os
import stat
import uuid

from rig_agent.base.compat import WINDOWS, environment, reason_of, system_path, to_text
from rig_agent.base.files import remove_quietly
from rig_agent.base.units import format_size
from rig_agent.rig.result import FAILED, OK, SKIPPED, WARNING, Result


def ids(configuration):
    """Whether somebody said which rig this is."""
    message = '%s, computer %s' % (configuration['rig.id'], configuration['rig.computer'])
    variables = {name.upper() for name in environment()}
    guessed = [name for key, name in (('rig.id', 'AIBS_RIG_ID'), ('rig.computer', 'AIBS_COMP_ID'))
               if configuration.origins[key] == 'default' and name not in variables]
    if guessed:
        return Result(WARNING, '%s: %s not set, the host name stands in' % (message, ' and '.join(guessed)),
                      'Set %s for all users of this computer, or `rig: {id: ..., computer: ...}` in the configuration.'
                      % ' and '.join(guessed))
    return Result(OK, message)


def folders(configuration):
    """Whether the agent can write where it has to, and others cannot."""
    problems, open_to_others = [], []
    for name in ('home', 'cache'):
        place = _nearest(configuration[name])
        if not _is_writable(place):
            problems.append('%s: %s cannot be written' % (name, place))
        elif not WINDOWS and os.path.isdir(configuration[name]) and os.stat(configuration[name]).st_mode & stat.S_IWOTH:
            open_to_others.append('%s %s can be written by anybody on this computer' % (name, configuration[name]))
    if problems:
        return Result(FAILED, '; '.join(problems), 'Make them writable for this account, or set `home` and `cache`.')
    if open_to_others:
        return Result(WARNING, '; '.join(open_to_others),
                      '`chmod o-w` them: whoever writes there chooses what runs here.')
    outputs = [path for path in configuration['outputs'] if os.path.isdir(path)]
    if not outputs:
        return Result(WARNING, 'home and cache can be written; none of the output folders is there: %s'
                      % ', '.join(configuration['outputs']),
                      'Set `outputs` to where the scripts of this rig leave their .pkl and .hdf5 files.')
    return Result(OK, 'home %s, cache %s, outputs %s' % (configuration['home'], configuration['cache'],
                                                         ', '.join(outputs)))


def token_file(configuration):
    """Whether the token for outcome reports is there and is this account's alone."""
    path = configuration['report.token_file']
    if not path:
        return Result(SKIPPED, 'no token file is configured')
    try:
        mode = os.stat(path).st_mode
    except EnvironmentError as error:
        return Result(FAILED, '%s cannot be read: %s' % (path, reason_of(error)), 'Put the token there, or correct '
                      '`report.token_file`.')
    if not WINDOWS and mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Result(FAILED, '%s can be read by other accounts' % path,
                      '`chmod 600 %s`, and have a new token made.' % path)
    return Result(OK, path)


def disk(configuration, before_run=False):
    """Free space where sessions are kept, against the disk limit and what both logs may take.

    before_run: the keeper decides by the same limit and says so in the record, so that here it only warns.
    """
    place = _nearest(configuration['home'])
    free = _free(place)
    least, logs = configuration['limits.disk'] or 0, 2 * (configuration['limits.log'] or 0)
    message = '%s free for %s' % (format_size(free), configuration['home'])
    if free < least + logs:
        return Result(WARNING if before_run or free >= least else FAILED,
                      '%s; a session may need %s (disk limit and two logs)' % (message, format_size(least + logs)),
                      '`rig-agent logs collect --to DIR --prune 30d` moves old sessions away; or lower `limits`.')
    return Result(OK, message)


def screen(parameters=None):
    """The screens, where the system tells, against the index that the stage's parameters name."""
    wanted = (parameters or {}).get('screen')
    if WINDOWS:
        import ctypes
        metrics = ctypes.windll.user32.GetSystemMetrics
        width, height, count = metrics(0), metrics(1), metrics(80)
        message = '%d screen(s), the first with %d x %d' % (count, width, height)
        if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted >= count:
            return Result(WARNING, '%s; the stage asks for screen %d, counted from 0' % (message, wanted),
                          'Connect it, or `--set screen=0`.')
        return Result(OK, message)
    modes = []
    for path in sorted(glob.glob('/sys/class/drm/card*-*/modes')):
        with io.open(path, 'rb') as stream:
            modes += [to_text(line).strip() for line in stream.readlines()[:1]]
    display = environment().get('DISPLAY') or environment().get('WAYLAND_DISPLAY')
    if not display:
        return Result(WARNING, 'no display is set',
                      'camstim needs one even to be imported: set DISPLAY, or --simulate.')
    return Result(OK, 'display %s, %s' % (display, ', '.join(modes) or 'its resolution cannot be known here'))


def assets(configuration, named):
    """Whether the files that the parameters name are there. named: [(key path, text)]."""
    missing, unknown = [], []
    for key, text in named:
        if os.path.exists(system_path(text)):
            continue
        if os.path.isabs(text) or ntpath.isabs(text) or ntpath.splitdrive(text)[0]:
            missing.append('%s: %s' % (key, text))
        elif not any(os.path.exists(system_path(os.path.join(folder, text)))
                     for folder in configuration['scripts.directories']):
            unknown.append('%s: %s' % (key, text))
    if missing:
        return Result(FAILED, '%d of %d files that the stage names are not on this computer: %s'
                      % (len(missing), len(named), '; '.join(missing[:5]) + (' ...' if len(missing) > 5 else '')),
                      'Connect the share or copy the files. To go on all the same: --skip-check assets.')
    if unknown:
        return Result(WARNING, 'not found under `scripts.directories`: %s' % '; '.join(unknown[:5]),
                      'The script has to know where they are; or add their folder to `scripts.directories`.')
    return Result(OK, '%d files that the stage names are there' % len(named) if named else 'the stage names no files')


def _nearest(path):
    """The path itself, or the first folder above it that is there."""
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _is_writable(folder):
    probe_path = os.path.join(folder, '.rig_agent-%s' % uuid.uuid4().hex[:8])
    try:
        os.close(os.open(probe_path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except EnvironmentError:
        return False
    return remove_quietly(probe_path)


def _free(folder):
    import psutil  # 40 ms
    return psutil.disk_usage(system_path(folder)).free
