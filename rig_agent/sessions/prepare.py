"""A session's folder: verified copies of its scripts, its params, its record in state `prepared`, its mark as open.

`prepare(request, configuration)` makes it and starts nothing. Names: `<yymmddHHMMSS>_<stage>_<id8>/`, in it
`<yymmddHHMMSS>_<stage>.py` and `.json`; nested scripts lie beside under their own names, where a script that runs in
this folder finds them.
"""
from __future__ import absolute_import, unicode_literals

import binascii
import io
import os

from rig_agent.base.compat import conda_path, environment, expand_user, json_text, reason_of, text_type
from rig_agent.base.errors import Refused, UsageError, WrongBytes
from rig_agent.base.files import (check_name, check_path, make_folder, md5_of_bytes, remove_quietly, slug, staged_path,
                                  write_json)
from rig_agent.base.units import local_stamp
from rig_agent.sessions import limits, record, shim, stopping, system

REQUEST = 'request.json'
KEEPER_LOCK = 'keeper.lock'
OWN_NAMES = (REQUEST, record.FILE, record.BALLAST, 'stdout.log', 'stderr.log', 'events.jsonl', 'resources.csv',
             KEEPER_LOCK, 'keeper.log', 'shim.lock', 'started.json', 'exit.json', 'handed_over.json', 'before.json',
             'closed', stopping.FILE, stopping.RESERVED)


def prepare(request, configuration, complete=None):
    """The folder of a new session, ready for `start`.

    complete: called with (request, folder) before anything is written, for what depends on the folder (the environment
    of a simulation). Raises WrongBytes when a script's bytes are not those that were verified, UsageError for a name or
    params that cannot be files, Refused when the folder cannot be made.
    """
    session_id = text_type(binascii.hexlify(os.urandom(16)).decode('ascii'))
    base = '%s_%s' % (local_stamp(), slug(request.stage))
    folder = os.path.abspath(os.path.join(configuration.sessions_folder, '%s_%s' % (base, session_id[:8])))
    contents = _contents(request, base)
    try:
        check_path(os.path.join(folder, staged_path(max(list(contents) + list(OWN_NAMES), key=len))))
        make_folder(folder)
        os.close(shim.take_lock(system.path(os.path.join(folder, KEEPER_LOCK))))  # some network drives have no locks
        if complete:
            complete(request, folder)
        _write(folder, contents)
        values = record.new(session_id, folder, request, configuration)
        values['limits'] = limits.resolve(request.limits, request.parameters, configuration)
        spec = _spec(session_id, folder, base, contents, request, configuration)
        values['argv'] = list(spec['start']['argv'])
        values['params'] = {'path': os.path.join(folder, base + '.json'), 'md5': spec['start']['files'][base + '.json']}
        spec['limits'] = values['limits']
        write_json(os.path.join(folder, REQUEST), spec)
        mark_open(configuration['home'], session_id, folder, request.simulated)
        record.Record(folder, values).move('prepared')
    except EnvironmentError as error:
        raise Refused('The folder of the session cannot be written', where=folder, found=shim.describe(error),
                      advice='Make it writable or free space there, or set `home` in the configuration.')
    return folder


def _contents(request, base):
    """name -> bytes of every file that the script needs, each checked against the md5 that it was verified with."""
    contents = {}
    for position, script in enumerate(request.scripts):
        name = base + '.py' if position == 0 else check_name(script['name'], 'script name')
        try:
            with io.open(script['path'], 'rb') as stream:
                content = stream.read()
        except EnvironmentError as error:
            raise Refused('A script that was there a moment ago cannot be read', where=script['path'],
                          found=shim.describe(error), advice='Run again: something clears the cache of this rig up.')
        if name in OWN_NAMES:
            raise UsageError('A script cannot have this name: the session has a file of its own that is called so',
                             found=name)
        if md5_of_bytes(content) != script['found_md5']:
            raise WrongBytes('A script changed between its verification and the start', where=script['path'],
                             expected=script['found_md5'], found=md5_of_bytes(content),
                             advice='Run again; if it happens again, something edits the cache of this rig.')
        if contents.setdefault(name, content) != content:
            raise UsageError('Two scripts of this stage have the same name and different bytes', found=name)
    try:
        contents[base + '.json'] = json_text(request.parameters).encode('ascii')
    except (ValueError, TypeError) as error:
        raise UsageError('The parameters cannot be written as JSON', where=request.stage, found=reason_of(error),
                         advice='JSON knows no infinity and no NaN.')
    return contents


def _write(folder, contents):
    for name, content in contents.items():
        with io.open(os.path.join(folder, name), 'wb') as stream:
            stream.write(content)
    for name in ('stdout.log', 'stderr.log'):
        io.open(os.path.join(folder, name), 'ab').close()
    record.put_ballast(folder)
    stopping.reserve_request(folder)


def _spec(session_id, folder, base, contents, request, configuration):
    """What the keeper and the shim are told; `start` is the shim's part."""
    variables = dict(_rig_variables(configuration), PYTHONUNBUFFERED='1')
    python = request.python or configuration['python']
    path = conda_path(python)
    if path is not None:
        variables['PATH'] = path
    variables.update(request.environment)
    variables[shim.MARK] = session_id
    return {
        'id': session_id, 'home': configuration['home'], 'simulated': request.simulated, 'requested_by': request.user,
        'front_end': {'pid': os.getpid(), 'identity': shim.identity(os.getpid())},
        'control_port': request.control_port, 'keep_children': request.keep_children,
        'outputs': _output_folders(folder, request, configuration),
        'start': {
            'argv': [python, os.path.join(folder, base + '.py'), os.path.join(folder, base + '.json')] +
                    request.arguments,
            'environment': variables, 'python_path': request.python_path,
            'files': {name: md5_of_bytes(content) for name, content in contents.items()}},
    }


def _rig_variables(configuration):
    """camstim scripts read `aibs_rig_id` and `aibs_comp_id`, in lower case; on Linux both cases are set."""
    given = environment()
    found = {}
    for key, name in (('rig.id', 'AIBS_RIG_ID'), ('rig.computer', 'AIBS_COMP_ID')):
        if configuration.origins[key] != 'default' or name in given or name.lower() in given:
            found[name] = configuration[key]
            if not shim.WINDOWS:
                found[name.lower()] = configuration[key]
    return found


def _output_folders(folder, request, configuration):
    """Where new outputs may appear: the session's folder, the configured ones, the request's, `output_dir`.

    A simulated session writes into none of the configured ones, and a real one beside it does.
    """
    configured = [] if request.simulated else list(configuration['outputs'])
    folders = [folder, os.path.join(folder, 'output')] + configured + list(request.outputs)
    named = request.parameters.get('output_dir') if isinstance(request.parameters, dict) else None
    if isinstance(named, text_type) and named.strip() and '\0' not in named:
        folders.append(os.path.join(folder, expand_user(named)))
    unique = []
    for path in folders:
        path = os.path.normpath(path)
        if path not in unique:
            unique.append(path)
    return unique


# ------------------------------------------------------------------------------------------------ open sessions

def mark_open(home, session_id, folder, simulated):
    """Remember that this session is not closed yet, so that the next command finds it without reading every record."""
    make_folder(os.path.join(home, 'running'))
    if os.path.exists(os.path.join(home, 'running', session_id)):
        return
    write_json(os.path.join(home, 'running', session_id), {'folder': folder, 'simulated': simulated})


def mark_closed(home, session_id):
    remove_quietly(os.path.join(home, 'running', session_id))


def open_sessions(home):
    """{id: {folder, simulated}} of the sessions that no record closes yet."""
    found = {}
    try:
        names = os.listdir(os.path.join(home, 'running'))
    except EnvironmentError:
        return found
    for name in names:
        try:
            found[name] = shim.read_json(os.path.join(home, 'running', name))
        except (EnvironmentError, ValueError):
            continue  # being written or removed at this moment
    return found
