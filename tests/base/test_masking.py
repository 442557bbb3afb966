"""Secrets do not survive in any text that the agent makes (guarantee 38)."""
from __future__ import absolute_import, unicode_literals

import base64
import json

import pytest

from rig_agent.base.compat import monotonic, to_text
from rig_agent.base.masking import is_secret_name, mask, mask_bytes, mask_value, secrets_in

SECRET = 'hunter2hunter2'


@pytest.mark.parametrize('text', [
    'https://user:%s@host.example/x', 'https://%s@host.example/x', 'https://host.example/x?token=%s',
    'https://host.example/x?a=1&access_token=%s&b=2', 'https://host.example/x?api_key=%s#part',
    'GET /x?sig=%s', 'Authorization: Bearer %s', 'authorization: basic %s', '"Authorization": "token %s"',
    'Cookie: session=%s; other=1', 'password=%s', 'password: %s', '"password": "%s"', "'mtrain_password': '%s'",
    'MTRAIN_PASSWORD=%s', 'DB_SECRET = %s', '--token %s', '--api-key=%s', 'Bearer %s', "{u'secret': u'%s'}", 'postgresql://u:%s/x@h/db', 'AccountKey=%s;x',
    'LAB_KEY=%s', 'ENCRYPTION_KEY: %s', 'X-API-Key: %s', '--password "%s"', '"--token", "%s"', "['--token', '%s']",
    'passphrase=%s', 'pwd=%s', '"password": ["%s"]', '{"auth": "%s"}', 'SMTP_PASS=%s', 'x=1%%26access_token%%3D%s',
    'access_token%%3D%s', 'curl -u jane:%s https://host', 'curl --user "jane:%s"', 'sshpass -p %s ssh host',
    '{"pass": "%s"}', 'x=https%%3A%%2F%%2Fu%%3A%s%%40host%%2Fx', '<password>%s</password>',
    '{"Authorization": "ApiKey %s"}', 'Authorization: Digest username="jane", response="%s"',
    '{"pw": "%s"}', '--auth=%s',
    'Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=%s', '{"session_key":"%s"}',
    '"credentials": {"user": "jane", "value": "%s"}', 'DBPASS=%s', "os.environ['LAB_TOKEN'] = '%s'", '--pw=%s',
    'Password for jane: %s', 'net use Z: \\\\srv\\share %s /user:jane', 'https://h/?code=%s', 'https://h/x?jwt=%s',
    'https://h/?auth=%s', 'https://h/#access_token=%s',
    '<add key="ApiToken" value="%s"/>', 'password\t1%s', 'machine h login jane password %s', 'password=>"%s"',
    '{"key": "password", "value": "%s"}', 'password = r"%s"', 'PASSWORD := %s', 'get(url, auth=("jane", "%s"))',
    "HTTPBasicAuth('jane', '%s')", 'the password is 1%s', 'token 1%s', 'Server=db;User Id=sa;Password=%s;',
    'mongodb+srv://u:%s@h/x', 'redis://:%s@h:6379/0', 'X-Auth-Token: %s', 'X-Amz-Signature=%s&x=1', 'PRIVATE-TOKEN: %s',
    'if password == "%s":', 'https://h/?pw=%s',
    'x=1%%26sig%%3D%s', 'curl --proxy-user jane:%s', 'passphrase is 1%s', 'Set-Cookie: x=%s; HttpOnly', 'SharedAccessSignature=sr=x&sig=%s&se=1', 'token=1:%s',
    '{\\"password\\": \\"%s\\"}', '"password": "a\\"%s"', '"password": "%s and more'])
def test_a_secret_is_masked_wherever_it_stands(text):
    masked = mask(text % SECRET)
    assert SECRET not in masked and '***' in masked


@pytest.mark.parametrize('text', ['Cookie: session=%s', '--api-key %s', 'LAB_KEY=%s', 'ghp_a1a1a1a1a1a1a1a1a1a1%s',
                                  'ATCTT3xFfGN0Aabcdefghijkl%s'])
def test_a_secret_is_masked_behind_the_sign_for_the_end_of_a_line(text):
    for more in ('curl -u jane:%s', 'sshpass -p %s', 'bearer %s', 'login jane password %s', 'token is 1%s'):
        assert SECRET not in mask(to_text(json.dumps('x\n' + more % SECRET)))
    quoted = json.dumps('a line\n%s\nanother' % (text % SECRET))
    assert SECRET not in mask(to_text(quoted)) and SECRET not in mask(to_text(repr('x\n' + text % SECRET)))


@pytest.mark.parametrize('text', ['ghp_' + 'a1' * 18, 'glpat-' + 'x' * 20, 'AKIA' + 'A' * 16, 'xoxb-1234567890-abc',
                                  'AIza' + 'a' * 35, 'sk-proj-' + 'a1B2' * 10, 'npm_' + 'a' * 36, 'ya29.' + 'a' * 40,
                                  'gho_' + 'a1' * 18, 'ghu_' + 'a1' * 18, 'ghs_' + 'a1' * 18, 'ghr_' + 'a1' * 18,
                                  'github_pat_' + 'a1' * 18, 'ASIA' + 'A' * 16, 'hf_' + 'a1' * 15,
                                  'sk_live_' + 'a1' * 12, 'rk_test_' + 'a1' * 12, 'SG.' + 'a' * 20 + '.' + 'b' * 20,
                                  'ATATT3x' + 'a' * 30, 'BBDC-' + 'a' * 30,
                                  'https://hooks.slack.com/services/T0A/B0B/a1b2c3', 'login jane password opensesame',
                                  'pypi-' + 'A' * 40, '-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----',
                                  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk'])
def test_a_secret_of_a_well_known_shape_is_masked_without_a_name(text):
    assert text not in mask('found %s in the log' % text)


@pytest.mark.parametrize('text', [
    'https://host.example/raw/a.py?at=0123456789abcdef0123456789abcdef01234567', 'author = somebody', 'the keyboard',
    'C:/ProgramData/rig_agent/token', 'pass 3 of 4', 'tokenize.py', 'md5 d41d8cd98f00b204e9800998ecf8427e',
    'reward_volume: 0.007', 'http://host:80/a@b', 'stimulus_key: left', 'session_id: 1234', 'KEYBOARD=on',
    'basic training, stage 1', 'Basic gratings', 'a basic colours/textures set', 'token 12', 'password is wrong',
    'curl --user-agent x:y', 'run -u 10:20', 'the passwords of today', 'exit code=3', 'compare https://a%40b', '#key',
    'tokens = {', 'keys == values', 'monkey: 7', 'passed: 3', 'compass=north', 'line 12, in set_password\n    raise ValueError'])
def test_what_is_no_secret_stays_as_it_is(text):
    assert mask(text) == text


def test_masking_twice_changes_nothing_more():
    once = mask('https://u:%s@h/?token=%s password=%s' % (SECRET, SECRET, SECRET))
    assert mask(once) == once


def test_json_stays_json_when_its_text_is_masked():
    text = json.dumps({'password': SECRET, 'list_of_tokens': [SECRET, SECRET], 'argv': ['--token', SECRET], 'n': 1,
                       'inner': json.dumps({'secret': SECRET}), 'url': 'http://h/?token=%s&x=1' % SECRET})
    masked = mask(to_text(text))
    assert SECRET not in masked and json.loads(masked)['n'] == 1 and json.loads(masked)['password'] == '***'
    assert json.loads(json.loads(masked)['inner']) == {'secret': '***'}


def test_values_are_masked_at_any_depth_by_their_key_or_their_text():
    value = {'a': [{'api_token': SECRET, 'n': 1}], 'url': 'http://h/?token=' + SECRET, 'none': None, 'password': ''}
    masked = mask_value(value)
    assert SECRET not in repr(masked)
    assert masked['a'][0]['n'] == 1 and masked['none'] is None and masked['password'] == ''


def test_logins_in_keys_that_are_addresses_are_masked():
    masked = mask_value({'mirrors': {'https://jane:%s@h.example/' % SECRET: 'https://m.example/', 5: 6}})
    assert SECRET not in repr(masked) and masked['mirrors'][5] == 6 and len(masked['mirrors']) == 2


def test_lists_numbers_and_arguments_are_masked_by_the_word_before_them():
    masked = mask_value({'passwords': [SECRET], 'argv': ['x', '--token', SECRET, 'y'], 'password': 1234,
                         'environment': {'LAB_KEY': SECRET}, 'has_token': False})
    assert masked == {'passwords': ['***'], 'argv': ['x', '--token', '***', 'y'], 'password': '***',
                      'environment': {'LAB_KEY': '***'}, 'has_token': False}


def test_a_login_in_base64_is_masked_with_and_without_its_header():
    login = to_text(base64.b64encode(('jane:' + SECRET).encode('ascii')))
    for text in ('Authorization: Basic %s', '"authorization": "Basic %s"', 'sent Basic %s to it', 'x\\nBasic %s'):
        assert login not in mask(text % login)


def test_what_stands_below_a_secret_name_or_beside_one_is_masked_in_documents():
    value = {'credentials': {'user': SECRET, 'more': [SECRET]}, 'variables': [{'name': 'LAB_TOKEN', 'value': SECRET}],
             'settings': [{'key': 'volume', 'value': 5}]}
    masked = mask_value(value)
    assert SECRET not in repr(masked) and masked['settings'] == value['settings'] and secrets_in(value) == {SECRET}


def test_bytes_of_no_encoding_come_back_as_they_were_but_for_the_secret():
    every = bytes(bytearray(range(256)))
    secret = 'h\xe0nter-\u2028zwei'.encode('utf-8')
    assert mask_bytes(every) == every
    assert mask_bytes(every + b'\ntoken=' + secret + b'\n\xff') == every + b'\ntoken=***\n\xff'


def test_the_secrets_of_a_document_can_be_found_again_where_no_key_stands():
    assert secrets_in({'a': [{'password': 'x y'}], 'argv': ['--token', 'z'], 'url': 'b', 'secret': '***'}) == {'x y', 'z'}


def test_masking_a_long_line_takes_a_moment_only():
    begun = monotonic()
    for line in ('a' * 300000, 'a.' * 150000, '-' * 300000, 'key=' * 75000, '://' * 100000, '?a=' * 100000, '"' * 300000,
                 'token' * 60000, 'password=' * 33000, '\\' * 300000, '["' * 150000):
        mask(line[:60000])
    assert monotonic() - begun < 60


def test_environment_names_that_hold_secrets_are_known():
    assert all(is_secret_name(name) for name in ('GITHUB_TOKEN', 'MTRAIN_PASSWORD', 'AWS_SECRET', 'API_KEY'))
    assert not any(is_secret_name(name) for name in ('PATH', 'AIBS_RIG_ID', 'HOME'))
