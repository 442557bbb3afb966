"""Stands in for h5py where it is not installed: what a script writes is described in the file as JSON, not as HDF5."""
from __future__ import absolute_import, division, print_function

import json

TEXT = (str, type(u''))


def special_dtype(**kind):
    return 'special'


def string_dtype(*arguments, **keywords):
    return 'string'


class Dataset(object):
    """Values of a name."""

    def __init__(self, name, shape=None, data=None, dtype=None):
        self.name, self.dtype, self.attrs = name, dtype, {}
        self._data = data
        self.shape = tuple(getattr(data, 'shape', None) or shape or ((len(data),) if hasattr(data, '__len__') else ()))

    def __getitem__(self, key):
        return self._data if key in ((), Ellipsis) or self._data is None else self._data[key]

    def __setitem__(self, key, value):
        if self._data is not None and key not in ((), Ellipsis):
            try:
                self._data[key] = value
            except (TypeError, IndexError, ValueError):
                pass

    def __len__(self):
        return self.shape[0] if self.shape else 0

    def resize(self, shape, axis=None):
        self.shape = shape if isinstance(shape, tuple) else (shape,)

    def described(self):
        return {'shape': [repr(extent) for extent in self.shape], 'attrs': {name: repr(value)[:200] for name, value
                                                                             in self.attrs.items()}}


class Group(object):
    """Names with datasets and groups."""

    def __init__(self, name='/'):
        self.name, self.attrs, self._members = name, {}, {}

    def create_dataset(self, name, shape=None, dtype=None, data=None, **settings):
        return self._members.setdefault(name, Dataset(name, shape, data, dtype))

    def create_group(self, name, **settings):
        return self._members.setdefault(name, Group(name))

    require_group = create_group
    require_dataset = create_dataset

    def __getitem__(self, name):
        return self._members[name]

    def __setitem__(self, name, value):
        self._members[name] = value if isinstance(value, (Dataset, Group)) else Dataset(name, data=value)

    def __delitem__(self, name):
        del self._members[name]

    def __contains__(self, name):
        return name in self._members

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)

    def keys(self):
        return self._members.keys()

    def values(self):
        return self._members.values()

    def items(self):
        return self._members.items()

    def get(self, name, default=None):
        return self._members.get(name, default)

    def described(self):
        return {name: member.described() for name, member in self._members.items()}


class File(Group):
    """A file, written when it is closed. None can be read."""

    def __init__(self, name, mode='r', *arguments, **settings):
        super(File, self).__init__()
        self.filename, self.mode = name, mode
        if mode == 'r':
            open(name, 'rb').close()
            error = IOError('%s: h5py is not installed, nothing can be read' % name)
            error.rig_agent_of = 'environment'
            raise error
        open(name, 'ab').close()

    def flush(self):
        if self.filename is not None:
            with open(self.filename, 'wb') as stream:
                stream.write(json.dumps({'simulated': self.described()}, sort_keys=True).encode('ascii'))

    def close(self):
        self.flush()
        self.filename = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
        return False
