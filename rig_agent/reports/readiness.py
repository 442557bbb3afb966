"""What `doctor` looks at: this machine, and beyond it services, the cache, other sessions, and what a stage needs."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re
import time
from email.utils import mktime_tz, parsedate_tz

from rig_agent.base.compat import TimedOut, message_of, monotonic, to_text
from rig_agent.base.errors import RigAgentError
from rig_agent.base.exchange import exchange
from rig_agent.base.files import md5_of_file
from rig_agent.base.masking import mask
from rig_agent.base.units import format_duration, parse_utc, utc_now
from rig_agent.rig import interpreters, machine
from rig_agent.rig.checks import check
from rig_agent.rig.result import FAILED, OK, SKIPPED, WARNING, Result

NETWORK_LIMIT = 3.5   # seconds that a check waits for services
ASKING_LIMIT = 2 * NETWORK_LIMIT  # with what is loaded before anything is asked
TOLERATED_CLOCK, WRONG_CLOCK = 5.0, 300.0  # seconds that the clock may differ from a service's
CONTROL_PORT = 1111   # where a running SweepStim listens (camstim 0.2.4)
# A process that runs scripts of a rig: camstim's own agent, or `python SCRIPT.py PARAMS.json`.
RUNS_A_SCRIPT = re.compile(r'\bcamstim\.zro\b|camstim[\\/]zro[\\/]agent|\.py\S* \S+\.json\b')


def doctor_checks(configuration, offline=False, environment_file=None, stage=None, planned=(), assets=()):
    """The checks of a rig; with a stage also of what that one needs.

    environment_file: conda-env.yml or None. stage: a `regimens.model.Stage`. planned: its scripts as PlannedScript.
    assets: [(key path, text)] of the files that its parameters name.
    """
    pins = read_pins(environment_file)
    checks = [
        check('interpreter', lambda: interpreters.interpreter(configuration, pins.get('python')),
              interpreters.PROBE_LIMIT),
        check('libraries', lambda: interpreters.libraries(pins), interpreters.PROBE_LIMIT)]
    checks += [check(name, _importable(configuration, name), interpreters.PROBE_LIMIT + interpreters.IMPORT_LIMIT)
               for name in interpreters.RIG_MODULES]
    checks += [
        check('rig ids', lambda: machine.ids(configuration)),
        check('folders', lambda: machine.folders(configuration)),
        check('disk', lambda: machine.disk(configuration)),
        check('token file', lambda: machine.token_file(configuration)),
        check('screen', lambda: machine.screen(stage.parameters if stage else None)),
        check('scripts repository', lambda: repository(configuration, offline), ASKING_LIMIT),
        check('mtrain', lambda: mtrain(configuration, offline), ASKING_LIMIT),
        check('clock', lambda: clock(configuration, offline), ASKING_LIMIT),
        check('cache', lambda: cache(configuration)),
        check('other sessions', lambda: other_sessions(configuration)),
        check('outbox', lambda: outbox(configuration))]
    if stage:
        checks += [check('stage scripts', lambda: stage_scripts(stage, planned)),
                   check('assets', lambda: machine.assets(configuration, assets))]
    return checks


def _importable(configuration, name):
    return lambda: interpreters.importable(configuration, name)


def read_pins(path):
    """name -> version of what a conda-env.yml pins; nothing when there is no such file."""
    import yaml
    try:
        with io.open(path, 'rb') as stream:
            entries = yaml.safe_load(stream.read(1 << 20))['dependencies']
    except (EnvironmentError, TypeError, KeyError, yaml.YAMLError):
        return {}
    words = []
    for entry in entries:
        words += entry.get('pip', []) if isinstance(entry, dict) else [entry]
    pairs = [re.split('==?', to_text(word), maxsplit=1) for word in words if '=' in word]
    return {name.strip(): version.strip() for name, version in pairs}


# ------------------------------------------------------------------------------------------------ services

def mtrain(configuration, offline):
    """Whether the mtrain service answers."""
    url, origin = configuration['mtrain.url'], configuration.origins['mtrain.url']
    if offline or not url:
        return Result(SKIPPED, 'not asked (--offline)' if url else 'no mtrain service is configured')
    try:
        answer = exchange('the service', 'GET', url, timeout=NETWORK_LIMIT)
    except RigAgentError as error:
        return Result(WARNING if origin == 'default' else FAILED, '%s does not answer: %s' % (url, error.found),
                      'Set `mtrain: {url: http://host:port}` if this lab has the service elsewhere; without it '
                      '`--regimen mtrain:MOUSE`, `mice` and `migrate` do not work.')
    if answer.status != 200:
        return Result(FAILED, '%s answers with status %d' % (url, answer.status), 'See whether it is mtrain.')
    return Result(OK, '%s answers' % url)


def clock(configuration, offline):
    """Whether this clock agrees with that of the first of two services that tells the time."""
    urls = [url for url in (configuration['mtrain.url'], configuration['report.url'],
                            configuration['scripts.repository'])
            if url and url.startswith(('http://', 'https://'))]
    if offline or not urls:
        return Result(SKIPPED, 'no service was asked for the time')
    for url in urls[:2]:
        ahead = _ahead_of(url)
        if ahead is not None:
            return _judge_clock(ahead, url)
    return Result(SKIPPED, 'no service told the time')


def _ahead_of(url):
    """Seconds that our clock is ahead of a service's, or None."""
    begun = monotonic()
    try:
        answer = exchange('the service', 'GET', url, timeout=NETWORK_LIMIT / 2)
    except RigAgentError:
        return None
    told = parsedate_tz(answer.headers.get('date', ''))
    if told is None:
        return None
    # The Date header has whole seconds and was made at some moment of the exchange.
    ahead, uncertain = time.time() - mktime_tz(told), 1.0 + monotonic() - begun
    return 0.0 if -1.0 <= ahead <= uncertain else ahead


def _judge_clock(ahead, url):
    if abs(ahead) <= TOLERATED_CLOCK:
        return Result(OK, 'agrees with %s' % url)
    return Result(FAILED if abs(ahead) > WRONG_CLOCK else WARNING, 'this clock is %s %s of %s'
                  % (format_duration(abs(ahead)), 'ahead' if ahead > 0 else 'behind', url),
                  'Let the system set its clock from the network; files and records are named by it.')


def repository(configuration, offline):
    """Whether the scripts repository answers with the configured ref; else how old this rig's copy of it is."""
    from rig_agent.base.gitprocess import GitFailed, run_git
    from rig_agent.base.repositories import Repository, repository_folder
    url, ref = configuration['scripts.repository'], configuration['scripts.ref']
    if not url:
        return Result(SKIPPED, 'none is configured')
    copy = Repository(url, repository_folder(configuration['cache'], url)).fetched_at
    has = 'this rig has a copy of %s' % _ago(copy) if copy else 'this rig has no copy of it'
    if offline:
        return Result(OK if copy else WARNING, 'not asked (--offline); %s' % has)
    try:
        listed = to_text(run_git(['ls-remote', url], None, NETWORK_LIMIT))
    except RigAgentError as error:  # there is no git
        return Result(WARNING if copy else FAILED, '%s was not asked: %s; %s' % (url, error.what, has), error.advice)
    except (TimedOut, GitFailed, EnvironmentError) as error:
        said = (getattr(error, 'said', None) or message_of(error)).strip().splitlines()
        return Result(WARNING if copy else FAILED, '%s does not answer (%s); %s' % (url, said[-1] if said else '', has),
                      'Connect this rig, or set `scripts: {repository: ...}` to a repository that it reaches.')
    names = {line.split('\t')[1] for line in listed.splitlines() if '\t' in line}
    if not re.match('^[0-9a-f]{40}$', ref) and not names & {ref, 'refs/heads/' + ref, 'refs/tags/' + ref}:
        return Result(FAILED, '%s has no branch or tag `%s`' % (url, ref), 'Correct `scripts: {ref: ...}`.')
    return Result(OK, '%s answers; %s' % (url, has))


# ------------------------------------------------------------------------------------------------ what this rig has

def cache(configuration):
    """Whether every cached script still is what it was, and how old the newest is. Changes nothing."""
    from rig_agent.scripts.cache import Cache
    kept = Cache(configuration['cache'])
    objects = kept.objects()
    damaged = [md5 for md5 in objects if md5_of_file(kept.object_path(md5)) != md5]
    if damaged:
        return Result(FAILED, '%d of %d cached scripts were changed: %s' % (len(damaged), len(objects),
                                                                            ', '.join(damaged[:3])),
                      '`rig-agent cache verify` sets them aside; `rig-agent cache fetch` gets them again.')
    if not objects:
        return Result(OK, '%s is empty; scripts are fetched when they are needed' % configuration['cache'])
    dates = sorted(entry.get('fetched_at') or '' for entry in kept.manifest().values())
    last = ', the last %s' % _ago(dates[-1]) if dates and dates[-1] else ''
    count = '1 script' if len(objects) == 1 else '%d scripts' % len(objects)
    return Result(OK, '%s, all as they were fetched%s' % (count, last))


def other_sessions(configuration):
    """Whether something runs scripts on this computer already."""
    from rig_agent.sessions import listing
    running = [values for values in listing.running(configuration) if not values['simulated']]
    if running:
        return Result(WARNING, 'session %s runs stage %s' % (running[0]['id'][:8], running[0]['stage']),
                      '`rig-agent status` shows it, `rig-agent stop` ends it.')
    foreign = _foreign_processes()
    if foreign:
        return Result(WARNING, 'other programs run scripts here: %s' % '; '.join(foreign[:3]),
                      'End them before a session: they may hold the DAQ, the screen or UDP port %d.' % CONTROL_PORT)
    return Result(OK, 'nothing else runs scripts here')


def _foreign_processes():
    import psutil
    found = []
    for process in psutil.process_iter():
        try:
            words = [to_text(word) for word in process.cmdline()]
            if process.pid != os.getpid() and words and 'python' in os.path.basename(words[0]).lower() and \
                    RUNS_A_SCRIPT.search(' '.join(words[1:])) and 'RIG_AGENT_SIMULATION' not in process.environ():
                found.append('pid %d %s' % (process.pid, ' '.join(words[1:])[:120]))
        except (psutil.Error, EnvironmentError):
            continue
    return found


def outbox(configuration):
    """Whether outcomes wait to be delivered."""
    from rig_agent.reports.outbox import Outbox
    if not configuration['report.url']:
        return Result(SKIPPED, 'no endpoint for outcomes is configured')
    waiting = Outbox(configuration['home']).entries()
    if waiting:
        return Result(WARNING, '%d outcomes wait to be delivered' % len(waiting), '`rig-agent outbox flush`.')
    return Result(OK, 'every outcome was delivered')


def stage_scripts(stage, planned):
    """Whether the verified bytes of every script of the stage are here."""
    refused = [script for script in planned if script.exit_code]
    if refused:
        return Result(FAILED, '; '.join('%s: %s' % (mask(script.reference), script.reason) for script in refused),
                      'Correct the regimen: `rig-agent regimen validate` says how.')
    absent = [script.name for script in planned if script.state not in ('cached', 'bundled')]
    if absent:
        return Result(WARNING, 'not on this rig yet: %s' % ', '.join(absent),
                      '`rig-agent cache fetch %s`.' % stage.name)
    return Result(OK, '%d on this rig' % len(planned))


def _ago(stamp):
    try:
        return '%s ago' % format_duration(max(parse_utc(utc_now()) - parse_utc(stamp), 0.0))
    except ValueError:
        return stamp
