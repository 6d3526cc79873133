"""How keys are used: counted by day, kept over a restart, forgotten with the key."""

from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.keyuse import DAY_NS, KeyUse, KeyUses

NOON = 20_000 * DAY_NS + DAY_NS // 2


class Watch:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> int:
        return self.at


def test_requests_are_counted_until_the_day_ends():
    watch = Watch()
    uses = KeyUses(watch)
    assert uses.of("PK1") is None
    uses.count("PK1")
    watch.at += 5
    uses.count("PK1")
    assert uses.of("PK1") == KeyUse(NOON + 5, 20_000, 2)
    watch.at += DAY_NS
    assert uses.of("PK1").requests == 0 and uses.of("PK1").last_used_at == NOON + 5
    uses.count("PK1")
    assert uses.of("PK1").requests == 1


def test_what_was_counted_outlives_a_restart_and_nonsense_is_not_looked_at():
    watch = Watch()
    former, fresh = KeyUses(watch), KeyUses(watch)
    former.count("PK1")
    fresh.remember({**former.saved(), "PK2": [1, 2], "PK3": ["x", 1, 1]})
    assert fresh.of("PK1") == former.of("PK1")
    assert fresh.of("PK2") is None and fresh.of("PK3") is None


def test_only_who_is_let_in_is_counted_and_a_revoked_key_is_forgotten(tmp_path):
    keys = ApiKeys(tmp_path, Watch())
    made = keys.create("Robots", "laptop")
    assert made.key.note == "laptop"
    keys.account_of(made.key.id, "wrong")
    assert keys.uses.of(made.key.id) is None
    keys.account_of(made.key.id, made.secret)
    keys.account_of_token(made.secret)
    assert keys.uses.of(made.key.id).requests == 2
    keys.revoke(made.key.id)
    assert keys.uses.of(made.key.id) is None and keys.uses.saved() == {}
