"""`--regimen mtrain:612345`, the stage that a mouse is due for, and `mtrain:NAME`, a whole regimen of the service.

The answer is written down as a regimen file, and that is read like any other: what follows cannot tell the difference.
The service tells no transitions, so such a regimen has none.
"""
from __future__ import absolute_import, unicode_literals

import hashlib

from rig_agent.base.errors import UsageError
from rig_agent.base.masking import mask
from rig_agent.base.units import utc_now
from rig_agent.mtrain.client import open_client
from rig_agent.mtrain.stages import regimen_named, stage_document, stage_of_mouse, stage_rows
from rig_agent.regimens.reading import read
from rig_agent.regimens.sources import RegimenSource
from rig_agent.rig.subject import is_mouse, parse_mouse

PREFIX = 'mtrain:'


def open_regimen(name, configuration, offline=False):
    """(Regimen, RegimenSource of kind `mtrain`) of `mtrain:MOUSE` or `mtrain:NAME`.

    Raises NotFound for an unknown mouse or name, Unreachable when the service does not answer, UsageError.
    """
    what = name[len(PREFIX):] if name.startswith(PREFIX) else name
    if not what:
        raise UsageError('`mtrain:` needs a mouse or the name of a regimen', expected='such as mtrain:612345')
    document = (_of_mouse if is_mouse(what) else _of_name)(what, configuration, offline)
    content = _as_file(document)
    source = RegimenSource(
        name_given=name, kind='mtrain', location=mask(configuration['mtrain.url']), content=content,
        sha256='%s' % hashlib.sha256(content).hexdigest(), commit=None, ref=None, folder=None, fetched_at=utc_now())
    return read(content, name), source


def mouse_of(name):
    """The mouse in `mtrain:612345`, else None."""
    what = name[len(PREFIX):] if name and name.startswith(PREFIX) else ''
    return parse_mouse(what) if is_mouse(what) else None


def differences(here, there):
    """[(dotted key, value here, value there)] of two stage documents, ordered by key; ABSENT where none is."""
    return list(_differences(here, there, ()))


def stage_differences(here, there):
    """The differences of two Stages; the same name with other content is the lab's most frequent fault."""
    return differences(*[{'script': stage.script, 'script_md5': stage.script_md5, 'parameters': stage.parameters}
                         for stage in (here, there)])


class _Absent(object):
    """Stands for a value where a key is missing, which is not the same as null."""

    def __repr__(self):
        return str('(absent)')


ABSENT = _Absent()


def _differences(here, there, path):
    if isinstance(here, dict) and isinstance(there, dict):
        pairs = [(key, here.get(key, ABSENT), there.get(key, ABSENT)) for key in sorted(set(here) | set(there))]
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        pairs = [('%d' % index, here[index], there[index]) for index in range(len(here))]
    else:
        if type(here) is not type(there) and bool in (type(here), type(there)) or here != there:
            yield '.'.join(path), here, there
        return
    for key, left, right in pairs:
        for found in _differences(left, right, path + (key,)):
            yield found


def _of_mouse(mouse, configuration, offline):
    found = stage_of_mouse(configuration, mouse, offline)
    row = {'name': found.stage, 'script': found.script, 'script_md5': found.script_md5, 'parameters': found.parameters}
    return {'name': found.regimen, 'stages': {found.stage: stage_document(row)}, 'transitions': []}


def _of_name(name, configuration, offline):
    client = open_client(configuration, offline)
    rows = stage_rows(client, regimen_named(client, name))
    return {'name': name, 'stages': {row['name']: stage_document(row) for row in rows}, 'transitions': []}


def _as_file(document):
    import yaml  # YAML, not JSON: YAML 1.1 takes JSON's 1e-05 for text
    return yaml.safe_dump(document, default_flow_style=False, allow_unicode=True, encoding='utf-8')
