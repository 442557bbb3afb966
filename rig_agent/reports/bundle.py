"""One zip with what somebody else needs to see what happened: records, logs, events, configuration, doctor's result.

Secrets are masked; manifest.json has the md5 of every file in it; index.html is the page to begin with.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import time
import uuid
import zipfile

from rig_agent import __version__
from rig_agent.base.compat import json_text, name_as_text, reason_of, replace, to_text
from rig_agent.base.files import STAGED, new_md5, remove_quietly
from rig_agent.base.masking import mask_value
from rig_agent.base.units import utc_now
from rig_agent.reports import material

NAME_BEGINS = 'rig_agent_logs_'
NOT_TEXT, NOT_READABLE = 'not text', 'not readable: %s'  # why a file is left out
LITTER_AGE = 3600.0  # seconds after which a half-written bundle beside this one was left by a kill


def write_bundle(path, folders, documents, home, known=(), pages=None, on_bytes=None):
    """Write the zip `path`; returns its manifest. Nothing stands under that name until it is whole.

    folders: of sessions. documents: name -> JSON-ready value, such as the configuration. home: its `logs` come along.
    known: secrets to mask wherever they stand. pages: name -> bytes, such as index.html. on_bytes(count): progress.
    Raises EnvironmentError when it cannot be written.
    """
    _sweep(path)
    staged = '%s%s%s' % (path, STAGED, uuid.uuid4().hex[:8])
    writer = _Writer(staged, known, on_bytes)
    try:
        with writer:
            for name, value in sorted(documents.items()):
                content = json_text(mask_value(value)).encode('ascii')
                writer.add_bytes(name, material.clean(content, material.encoded(known)))
            for name, content in sorted((pages or {}).items()):
                writer.add_bytes(name, content)
            for folder in folders:
                writer.add_folder('sessions/%s/' % os.path.basename(folder), folder)
            if os.path.isdir(os.path.join(home, 'logs')):
                writer.add_folder('agent_logs/', os.path.join(home, 'logs'))
            manifest = {'made_at': utc_now(), 'agent': __version__, 'files': writer.files, 'left_out': writer.left_out,
                        'sessions': [os.path.basename(folder) for folder in folders]}
            writer.add_bytes('manifest.json', json_text(manifest).encode('ascii'))
        replace(staged, path)
    except BaseException:
        remove_quietly(staged)
        raise
    return manifest


def size_of(folders, home):
    """How many bytes write_bundle will read."""
    return sum(entry.size for folder in list(folders) + [os.path.join(home, 'logs')]
               for entry in material.entries(folder) if entry.text)


def _sweep(path):
    """Take away what a kill left of this bundle, or of one that had its name from the time."""
    folder, name = os.path.split(path)
    for other in os.listdir(folder):
        begin = to_text(other).partition(STAGED)[0]
        if begin != other and (begin == name or begin.startswith(NAME_BEGINS)):
            litter = os.path.join(folder, other)
            try:
                if time.time() - os.path.getmtime(litter) > LITTER_AGE:
                    remove_quietly(litter)
            except OSError:
                continue


class _Writer(object):
    """A zip that is being written, with the md5 of what went into it."""

    def __init__(self, path, known, on_bytes):
        self.path, self.known, self.on_bytes = path, known, on_bytes
        self.files, self.left_out = {}, {}
        self.spool = path + '.part'  # Python 2 puts whole files or whole strings into a zip, nothing in between

    def __enter__(self):
        self.zip = zipfile.ZipFile(self.path, 'w', zipfile.ZIP_DEFLATED, allowZip64=True)
        return self

    def __exit__(self, problem, *_):
        try:
            if problem is None:
                self.zip.close()
            else:  # older Pythons cannot close a zip into which a file is half written, nor is an end of use there
                stream, self.zip.fp = self.zip.fp, None
                stream.close()
        finally:
            remove_quietly(self.spool)

    def add_bytes(self, name, content):
        self.files[name] = {'md5': to_text(new_md5(content).hexdigest()), 'size': len(content)}
        self.zip.writestr(self._info(name), content)

    def add_folder(self, prefix, folder):
        """Every text of a folder, masked; what is not text, or cannot be read, is named in the manifest."""
        def not_looked_at(error):
            name = os.path.relpath(name_as_text(error.filename), folder).replace(os.sep, '/')
            self.left_out[prefix + name] = {'size': None, 'reason': NOT_READABLE % reason_of(error)}
        for entry in material.entries(folder, not_looked_at):
            name = prefix + entry.name.replace('\\', '_')
            if name in self.files:
                continue  # a page that was made anew for this bundle
            if not entry.text:
                self.left_out[name] = {'size': entry.size, 'reason': NOT_TEXT}
                continue
            try:
                self._add_file(name, entry)
            except material.Unreadable as error:
                self.left_out[name] = {'size': entry.size, 'reason': NOT_READABLE % error}

    def _add_file(self, name, entry):
        digest, size = new_md5(), 0
        with io.open(self.spool, 'wb') as spool:
            for block in material.readable(entry, self.known):
                spool.write(block)
                digest.update(block)
                size += len(block)
        self.zip.write(self.spool, name)
        self.files[name] = {'md5': to_text(digest.hexdigest()), 'size': size}
        if self.on_bytes:
            self.on_bytes(entry.size)

    def _info(self, name):
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info
