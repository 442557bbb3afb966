"""Downloads: whole or not at all, within bounds of time, size and tries (guarantees 31, 32, 34)."""
from __future__ import absolute_import, unicode_literals

import base64
import gzip
import io

import pytest

from rig_agent.base import download as downloads
from rig_agent.base.compat import monotonic
from rig_agent.base.download import NoConnection, download, fetch_bytes
from rig_agent.base.errors import NotFound, Refused, Unreachable
from rig_agent.base.files import md5_of_bytes

SCRIPT = b'print("x")\r\n' * 2000


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(downloads, 'FIRST_PAUSE', 0.01)


def test_bytes_come_as_they_are_with_their_md5(web):
    url, stream = web.put('/a.py', SCRIPT, headers={'Last-Modified': 'Mon, 20 Nov 2023 00:00:00 GMT'}), io.BytesIO()
    done = download(url, stream)
    assert stream.getvalue() == SCRIPT
    assert (done.url, done.final_url, done.size, done.md5) == (url, url, len(SCRIPT), md5_of_bytes(SCRIPT))
    assert done.date == 'Mon, 20 Nov 2023 00:00:00 GMT'


def test_when_a_body_ends_early_it_is_never_taken_for_a_whole_one(web):
    url = web.put('/a.py', SCRIPT, cut=len(SCRIPT) * 4 // 10)
    with pytest.raises(Unreachable) as caught:
        fetch_bytes(url)
    assert 'ended early' in caught.value.found
    assert web.count() == 4


@pytest.mark.parametrize('cut', [None, 50, 1005, 1500, 2010])
def test_a_chunked_body_is_taken_only_to_its_end(web, cut):
    content, trouble = SCRIPT[:2000], {} if cut is None else {'cut': cut}
    url = web.put('/a.py', content, chunked=True, **trouble)
    if cut is None:
        assert fetch_bytes(url) == content
    else:
        with pytest.raises(Unreachable) as caught:
            fetch_bytes(url, retries=0)
        assert 'ended early' in caught.value.found


def compressed(content):
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode='wb') as packed:
        packed.write(content)
    return stream.getvalue()


def test_bytes_that_a_server_compressed_are_those_of_the_script(web):
    url, stream = web.put('/a.py', compressed(SCRIPT), headers={'Content-Encoding': 'gzip'}), io.BytesIO()
    done = download(url, stream)
    assert stream.getvalue() == SCRIPT and (done.size, done.md5) == (len(SCRIPT), md5_of_bytes(SCRIPT))
    assert web.hits[0][1]['accept-encoding'] == 'identity'


@pytest.mark.parametrize('part', [0.3, 0.9, 0.99])
def test_a_compressed_body_that_was_cut_before_it_was_sent_is_no_download(web, part):
    content = compressed(SCRIPT)
    with pytest.raises(Unreachable) as caught:
        fetch_bytes(web.put('/a.py', content[:int(len(content) * part)], headers={'Content-Encoding': 'gzip'}),
                    retries=0)
    assert 'compressed' in caught.value.found


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(web):
    with pytest.raises(Refused):
        fetch_bytes(web.put('/a.py', compressed(b'0' * (20 << 20)), headers={'Content-Encoding': 'gzip'}))
    with pytest.raises(Refused) as caught:
        fetch_bytes(web.put('/a.py', SCRIPT, headers={'Content-Encoding': 'br'}))
    assert caught.value.found == 'br' and web.count() == 2


def test_a_server_that_failed_once_is_asked_again(web):
    url = web.put('/a.py', SCRIPT, statuses=[503])
    assert fetch_bytes(url) == SCRIPT


@pytest.mark.parametrize('statuses, hits', [([503, 503, 200], 3), ([404], 1), ([410], 1), ([403], 1), ([429], 1)])
def test_retries_are_bounded_and_never_repeat_a_4xx(web, statuses, hits):
    url = web.put('/a.py', SCRIPT, statuses=list(statuses), status=200)
    if statuses[-1] == 200:
        assert fetch_bytes(url) == SCRIPT
    else:
        with pytest.raises(NotFound) as caught:
            fetch_bytes(url)
        assert str(statuses[0]) in caught.value.found
    assert web.count() == hits


def test_a_server_that_stays_broken_is_left_alone_after_four_tries(web):
    said = []
    with pytest.raises(Unreachable):
        fetch_bytes(web.put('/a.py', b'', status=500), say=said.append)
    assert (web.count(), len(said)) == (4, 3)


def test_pauses_between_tries_grow(web, monkeypatch):
    pauses = []
    monkeypatch.setattr(downloads.time, 'sleep', pauses.append)
    with pytest.raises(Unreachable):
        fetch_bytes(web.put('/a.py', b'', status=500))
    assert len(pauses) == 3 and pauses[0] < pauses[1] < pauses[2]


def test_no_connection_is_told_from_a_bad_answer(web):
    url = web.put('/a.py', SCRIPT)
    web.close()
    with pytest.raises(NoConnection):
        fetch_bytes(url)


@pytest.mark.parametrize('trouble', [{'promised': 10 ** 9, 'cut': 10}, {}, {'promised': None}])
def test_more_than_the_limit_is_refused_at_once(web, trouble):
    with pytest.raises(Refused) as caught:
        fetch_bytes(web.put('/a.py', SCRIPT, **trouble), limit=1000)
    assert '1 kB' in caught.value.expected
    assert web.count() == 1


def test_a_body_that_drips_ends_with_the_time_limit(web):
    started = monotonic()
    with pytest.raises(Unreachable):
        fetch_bytes(web.put('/a.py', b'x' * 200, drip=0.1), total_timeout=0.5)
    assert monotonic() - started < 10


def test_a_redirect_to_another_host_gets_no_login_and_is_told(web):
    target = web.put('/b.py', SCRIPT).replace('127.0.0.1', 'localhost')
    url = web.put('/a.py', location=target).replace('http://', 'http://user:p%40ss@')
    done = download(url, io.BytesIO())
    assert done.final_url == target
    login = 'Basic ' + base64.b64encode(b'user:p@ss').decode('ascii')
    assert [(path, headers.get('authorization')) for path, headers in web.hits] == [('/a.py', login), ('/b.py', None)]


def test_a_redirect_within_a_host_keeps_the_login(web):
    web.put('/b.py', SCRIPT)
    download(web.put('/a.py', location='/b.py').replace('http://', 'http://user:pass@'), io.BytesIO())
    assert all('authorization' in headers for _, headers in web.hits)


@pytest.mark.parametrize('location', ['http://[', 'http://[x/y'])
def test_a_redirect_to_what_is_no_url_is_said(web, location):
    with pytest.raises(NotFound) as caught:
        download(web.put('/a.py', location=location), io.BytesIO())
    assert 'redirect' in caught.value.what and caught.value.found == 'Invalid IPv6 URL'


def test_what_is_no_url_is_said():
    with pytest.raises(NotFound) as caught:
        download('http://[x/a.py', io.BytesIO())
    assert caught.value.where == 'http://[x/a.py'


def test_logins_of_a_netrc_file_are_not_sent(web, tmpdir, monkeypatch):
    netrc = tmpdir.join('netrc')
    netrc.write('machine 127.0.0.1 login me password secret\n')
    netrc.chmod(0o600)
    monkeypatch.setenv(str('NETRC'), str(netrc))
    fetch_bytes(web.put('/a.py', SCRIPT))
    assert 'authorization' not in web.hits[0][1]


@pytest.mark.parametrize('target', ['file:///etc/passwd', 'ftp://127.0.0.1/a.py'])
def test_a_redirect_to_anything_but_http_is_refused(web, target):
    with pytest.raises(Refused):
        fetch_bytes(web.put('/a.py', location=target))


def test_a_redirect_from_https_to_http_is_refused(web, tls_web, certificate, monkeypatch):
    monkeypatch.setenv(str('REQUESTS_CA_BUNDLE'), str(certificate))
    assert fetch_bytes(tls_web.put('/b.py', SCRIPT)) == SCRIPT
    assert fetch_bytes(tls_web.put('/c.py', location='/b.py')) == SCRIPT
    with pytest.raises(Refused) as caught:
        fetch_bytes(tls_web.put('/a.py', location=web.put('/a.py', SCRIPT)))
    assert web.count() == 0 and web.url in caught.value.found


def test_a_server_that_nobody_vouches_for_gets_no_request(tls_web):
    with pytest.raises(Unreachable) as caught:
        fetch_bytes(tls_web.put('/a.py', SCRIPT))
    assert 'TLS' in caught.value.what and tls_web.count() == 0


def test_redirects_in_a_circle_end(web):
    with pytest.raises(NotFound) as caught:
        fetch_bytes(web.put('/a.py', location='/a.py'))
    assert 'redirects' in caught.value.what
    assert web.count() < 10


def test_an_expired_token_is_named_and_never_shown(web):
    with pytest.raises(NotFound) as caught:
        fetch_bytes(web.put('/a.py?token=SECRETSECRET', b'', status=404))
    assert 'expired' in caught.value.advice
    assert 'SECRETSECRET' not in '%s' % caught.value


@pytest.mark.parametrize('url', ['file:///etc/passwd', 'ftp://h/x.py', 'x.py', 'http://'])
def test_what_is_no_http_url_is_not_fetched(url):
    with pytest.raises(NotFound) as caught:
        fetch_bytes(url)
    assert url == 'http://' or 'Only http and https' in caught.value.what
