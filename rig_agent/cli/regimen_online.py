"""What only the network can say of a regimen: that its scripts are there with their md5s, and that its name is free."""
from __future__ import absolute_import, unicode_literals

import os
import shutil
import tempfile
from collections import OrderedDict

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, to_text
from rig_agent.base.errors import NotFound, RigAgentError, Unreachable, WrongBytes
from rig_agent.cli import launch
from rig_agent.regimens import sources
from rig_agent.regimens.reading import read
from rig_agent.regimens.references import classify
from rig_agent.regimens.validation import name_of
from rig_agent.scripts.fetching import scripts_of


def online_check(context, source):
    """A check for `regimens.validation.validate`. Raises Unreachable with --offline."""
    if context.offline:
        raise Unreachable('--online asks the network, and --offline forbids it', advice='Leave out one of the two.')

    def check(document):
        try:
            regimen = read(source.content, sources.where(source))
        except NotFound:
            return  # what cannot be loaded names no scripts
        _check_scripts(context, launch.Opened(source, regimen), document)
        _check_name(context, document)
    return check


def _check_scripts(context, opened, document):
    """Fetch each script once: a URL into a cache of its own that is thrown away, so that no copy answers for it."""
    stages = OrderedDict()
    for stage in opened.regimen.stages.values():
        for _, role, text, md5 in scripts_of(stage) if not stage.problem else ():
            stages.setdefault((text, md5), (role, []))[1].append(stage.name)
    folder = to_text(tempfile.mkdtemp(), FILE_SYSTEM_ENCODING)
    try:
        names = launch.make_resolver(context, opened)
        for number, ((text, md5), (role, users)) in enumerate(stages.items()):
            reference = classify(text)
            if reference.url:
                resolver = _fresh(context, os.path.join(folder, '%d' % number))
                _check_script(document, resolver, text, md5, role, users)
            elif reference.kind in ('v2-name', 'bare-name'):
                _check_script(document, names, text, md5, role, users)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fresh(context, folder):
    from rig_agent.scripts.cache import Cache
    from rig_agent.scripts.resolution import Resolver
    return Resolver(context.configuration, Cache(folder, say=context.detail), say=context.detail)


def _check_script(document, resolver, text, md5, role, users):
    stage = document.stages[users[0]]
    try:
        resolver.obtain(text, md5, role)
    except WrongBytes as error:
        if error.found and error.what != '`script_md5` is malformed':  # that is told without the network
            at = stage.md5 if stage.md5 is not None and text == stage.script_text else stage.script
            _add(document, 'md5-wrong', at, 'The bytes of `%s` have another md5' % (classify(text).name or text),
                 error, users)
    except (NotFound, Unreachable) as error:
        _add(document, 'script-gone', stage.script, 'The script `%s` cannot be fetched: %s'
             % (classify(text).name or text, error.what), error, users)
    except RigAgentError:
        pass  # what is refused for its form is told without the network


def _add(document, code, at, what, error, users):
    for name in users:
        document.add(code, at, what, error.advice, ', '.join('%s: %s' % (label, value) for label, value in (
            ('expected', error.expected), ('found', error.found)) if value) or error.where, stage=name)


def _check_name(context, document):
    from rig_agent.mtrain.client import open_client
    name = name_of(document)
    if not name:
        return
    try:
        taken = open_client(context.configuration).regimens_named(name)
    except RigAgentError as error:
        context.warn('mtrain was not asked whether it knows %s: %s' % (name, error.what))
        return
    if taken:
        document.add('name-taken', document.top['name'].value, 'mtrain has a regimen `%s` already' % name,
                     'Raise the version in the name before it is uploaded.')
