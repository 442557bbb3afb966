"""The network: this machine's loopback works, any other connection is refused, a datagram lost; all is written down.

Where the script's main thread waits for input for a limited time, simulated time passes, and a little real one.
"""
from __future__ import absolute_import, division, print_function

import errno
import functools
import select
import socket
import sys

from rig_simulation.report import REPORT
from rig_simulation.threads import THREADS

REFUSED = 'the simulation has no network'
RECEIVE = ('recv', 'recvfrom', 'recv_into', 'recvfrom_into')
real_select = select.select
real_getaddrinfo, real_gethostbyname = socket.getaddrinfo, socket.gethostbyname
OWN_NAMES = ('', 'localhost', '::1', '0.0.0.0', '::', 'ip6-localhost', socket.gethostname().lower())


def install():
    kind = getattr(socket, '_socketobject', socket.socket)  # Python 2 has its methods there
    for name in ('connect', 'connect_ex'):
        setattr(kind, name, _watched(getattr(kind, name), name))
    if sys.version_info[0] > 2:
        kind.sendto = _sendto(kind.sendto)
        for name in RECEIVE:
            setattr(kind, name, _when_readable(getattr(kind, name)))
    else:  # each socket has its own there
        kind.__init__ = _with_own_methods(kind.__init__)
    kind.accept = _when_readable(kind.accept)
    select.select = _select
    socket.getaddrinfo = _of_own_names(real_getaddrinfo)
    socket.gethostbyname = _of_own_names(real_gethostbyname)


def is_own(host):
    """Whether a host is this machine, by its loopback or its name."""
    if isinstance(host, bytes) and not isinstance(host, str):
        host = host.decode('ascii', 'replace')
    return host is None or host.lower() in OWN_NAMES or host.startswith('127.')


def _refuse(address):
    text = '%s:%s' % (address[0], address[1])
    REPORT.network_use('refused: %s' % text)
    error = socket.error(errno.ECONNREFUSED, '%s (tried %s)' % (REFUSED, text))
    error.rig_agent_of = 'environment'
    return error


def _watched(real, name):
    def call(self, address):
        if not isinstance(address, tuple):  # a socket of the file system
            return real(self, address)
        if is_own(address[0]):
            REPORT.network_use('loopback: %s:%s' % address[:2])
            return real(self, address)
        error = _refuse(address)
        if name == 'connect_ex':
            return errno.ECONNREFUSED
        raise error
    return call


def _send_datagram(send, data, *arguments):
    """One to another machine is lost, which no sender notices."""
    address = arguments[-1] if arguments else None
    if isinstance(address, tuple) and not is_own(address[0]):
        REPORT.network_use('datagram: would be sent to %s:%s' % address[:2])
        return len(data)
    return send(data, *arguments)


def _sendto(real):
    def call(self, data, *arguments):
        return _send_datagram(functools.partial(real, self), data, *arguments)
    return call


def _with_own_methods(real):
    def call(self, *arguments, **keywords):
        real(self, *arguments, **keywords)
        self.sendto = functools.partial(_send_datagram, self.sendto)
        for name in RECEIVE:
            setattr(self, name, functools.partial(_when_readable(_without_self(getattr(self, name))), self))
    return call


def _without_self(real):
    return lambda self, *arguments, **keywords: real(*arguments, **keywords)


def _when_readable(real):
    """A method of a socket that waits for input, as long as the socket's timeout is in simulated time."""
    def call(self, *arguments, **keywords):
        seconds = self.gettimeout()
        if seconds and THREADS.moves_the_clock() and not any(_select([self], [], [], seconds)):
            raise socket.timeout('timed out')
        return real(self, *arguments, **keywords)
    return call


def _select(readable, writable, exceptional, seconds=None):
    """As select.select."""
    if not seconds or seconds < 0 or not THREADS.moves_the_clock():
        return real_select(readable, writable, exceptional, seconds)
    found = [([], [], [])]

    def look(seconds=0):
        found[0] = real_select(readable, writable, exceptional, seconds)
        return any(found[0])
    THREADS.wait(look, seconds, really=look)
    return found[0]


def _of_own_names(real):
    def call(host, *arguments, **keywords):
        if is_own(host):
            return real(host, *arguments, **keywords)
        REPORT.network_use('refused: %s:%s' % (host, arguments[0] if arguments else '*'))
        error = socket.gaierror(getattr(socket, 'EAI_NONAME', -2), '%s (asked for %s)' % (REFUSED, host))
        error.rig_agent_of = 'environment'
        raise error
    return call


