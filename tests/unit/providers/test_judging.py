"""What somebody between us and a vendor says, in words that a person understands."""

import pytest

from tradesim.kernel.errors import NotEntitled, RetryLater
from tradesim.providers.judging import Answer, by_reason, judge_page, judge_status, must_be_own

CLOUDFLARE = b"<!doctype html><html><head><title>\n Attention Required! | Cloudflare</title></head><body></body></html>"
BETWEEN = "a proxy, this network's log-in page, or an outage there"


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, body, headers, 0, 0, "acme")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(200, b" <html><body><h1>Sign in</h1> to Wi-Fi</body></html>"), "a web page ('Sign in to Wi-Fi')"),
        (answer(404, CLOUDFLARE), "a web page ('Attention Required! | Cloudflare')"),
        (answer(502, b"<html></html>"), "a web page"),
        (answer(302, b"", Location="https://login.hotel.example/?next=key"), "a way to login.hotel.example"),
        (answer(307), "a way to another address"),
    ],
)
def test_a_page_or_a_way_to_elsewhere_is_an_outage_whatever_its_status(said: Answer, words: str) -> None:
    with pytest.raises(RetryLater) as told:
        judge_page(said)
    assert str(told.value) == f"acme: {words} came instead of its answer (status {said.status}): {BETWEEN}"


@pytest.mark.parametrize(
    ("body", "words"), [(b"404 page not found", "the text '404 page not found'"), (b"", "nothing")]
)
def test_a_refusal_that_is_no_json_is_an_outage(body: bytes, words: str) -> None:
    with pytest.raises(RetryLater, match=words):
        judge_status(answer(404, body))


def test_where_the_status_speaks_of_a_key_it_says_where_to_look_in_the_end() -> None:
    with pytest.raises(RetryLater, match="if it stays so, look at the key"):
        judge_status(answer(401, b"Unauthorized"))


def test_a_vendor_is_known_by_where_it_gives_its_reason() -> None:
    is_own = by_reason("error", plainly="access to this resource")
    for body in (b'{"error":"no"}', b"You don't have access to this resource."):
        must_be_own(answer(403, body), is_own)
    for body in (b'{"detail":"blocked"}', b'["error"]', b"Access denied", b"\xff\xfe", b""):
        with pytest.raises(RetryLater):
            must_be_own(answer(403, body), is_own)
    with pytest.raises(NotEntitled):
        judge_status(answer(403, b'{"error":"no"}'))
