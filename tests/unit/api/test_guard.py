"""Who comes to this desk, told from how it is set up."""

import pytest

from tradesim.api.guard import Doorkeeper

PROXIED = {"hosts": ("localhost", "desk.example.com")}
NAMED = {"own_name": "desk.example.com:8050"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "LOCALHOST"])
def test_a_desk_for_this_machine_lets_no_stranger_in(host):
    assert not Doorkeeper(host).lets_strangers_in
    assert not Doorkeeper(host, hosts=("localhost", "127.0.0.1:8050"), own_name="localhost:8050").lets_strangers_in


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", ""])
def test_a_desk_that_listens_to_others_lets_them_in(host):
    assert Doorkeeper(host).lets_strangers_in


@pytest.mark.parametrize("how", [PROXIED, NAMED], ids=["hosts", "url"])
def test_a_desk_behind_a_proxy_lets_strangers_in_though_it_listens_to_this_machine_alone(how):
    assert Doorkeeper("127.0.0.1", **how).lets_strangers_in


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_who_knows_the_password_is_no_stranger(host):
    assert not Doorkeeper(host, password="open", **PROXIED).lets_strangers_in
