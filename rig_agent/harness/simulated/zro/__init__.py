"""Simulated zro: remote objects that reach nobody; the report says who was called."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting, Unknown
from rig_simulation.report import REPORT


class ZroError(Exception):
    """A remote object failed."""


class Proxy(object):
    """A remote object: each call goes to the report, and gives a thing that accepts any use."""

    def __init__(self, address=None, timeout=5.0, serialization='pickle', **keywords):
        if isinstance(address, (tuple, list)):
            address = ':'.join(str(part) for part in address)
        self.__dict__['_address'] = address
        REPORT.network_use('zro: %s' % address)

    def __getattr__(self, name):
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(name)

        def call(*arguments, **keywords):
            REPORT.network_use('zro: %s %s()' % (self._address, name))
            return Unknown._of('zro.Proxy.%s()' % name)
        return call

    def __setattr__(self, name, value):
        REPORT.network_use('zro: %s %s=' % (self._address, name))


DeviceProxy = Proxy


class RemoteObject(Accepting):
    """An object that others could call: nobody does, and no port is opened."""

    def __init__(self, rep_port=None, pub_port=None, *arguments, **keywords):
        self.rep_port, self.pub_port = rep_port, pub_port
        if rep_port:
            REPORT.network_use('zro: would listen on port %s' % rep_port)

    def _check_rep(self, *arguments, **keywords):
        return None

    check_rep = check_req = _check_rep

    def _check_pub(self, *arguments, **keywords):
        return None

    def publish(self, *arguments, **keywords):
        REPORT.network_use('zro: published')

    def run_forever(self):
        """Nobody calls: there is nothing to run."""

    def close(self):
        pass


BasicRemoteObject = ThreadedRemoteObject = RemoteObject


class Publisher(Accepting):
    """Tells whoever listens: nobody does."""

    def __init__(self, port=None, *arguments, **keywords):
        self.port = port
        if port:
            REPORT.network_use('zro: would publish on port %s' % port)

    def publish(self, *arguments, **keywords):
        REPORT.network_use('zro: published')

    send = publish

    def close(self):
        pass
