"""Symbols that the market does not have yet are found while one types, where that costs nothing, and added."""

from typing import Any

from tradesim.desk.views import KeyView, VendorView
from tradesim.model.commands import AddSymbols
from tradesim.model.feed import Listing
from tradesim.model.instrument import AssetClass
from tradesim.model.orders import Rejection
from tradesim.ui.symbols import added_data, found_data

SOL = Listing("SOL/USD", "Solana", AssetClass.CRYPTO, "kraken")


class Providers:
    def __init__(self, *keys: KeyView, answer: Any = (SOL,)) -> None:
        self.keys, self.answer, self.asked = keys, answer, list[tuple[str, str]]()

    def vendors(self) -> list[VendorView]:
        common: dict[str, Any] = {"note": "", "symbols": (), "backups": (), "refusal": None}
        return [
            VendorView(id="alpaca", title="Alpaca", keys=(), is_open=True, **common),
            VendorView(id="kraken", title="Kraken", keys=self.keys, is_open=True, is_first=True, **common),
        ]

    def search(self, text: str, provider: str) -> Any:
        self.asked.append((text, provider))
        return self.answer


def test_the_preferred_provider_of_the_open_market_is_asked() -> None:
    providers: Any = Providers()
    assert found_data(providers, {"n": 3, "text": " sol "}) == {
        "n": 3,
        "text": "sol",
        "found": [{"symbol": "SOL/USD", "name": "Solana"}],
    }
    assert providers.asked == [("sol", "kraken")]


def test_a_quota_is_not_used_up_by_typing() -> None:
    providers: Any = Providers(KeyView("KEY", "a key", "environment"))
    assert found_data(providers, {"n": 1, "text": "sol"})["found"] == [] and not providers.asked


def test_who_does_not_answer_has_found_nothing() -> None:
    assert found_data(Providers(answer=Rejection("refused", "down")), {"n": 1, "text": "sol"})["found"] == []  # type: ignore[arg-type]


def test_a_wish_is_answered_with_what_became_of_it() -> None:
    class Desk:
        answer: Any = ("SOL/USD",)

        def submit(self, command: AddSymbols, timeout_s: float) -> Any:
            assert command == AddSymbols(("SOL/USD",))
            return self.answer

    desk: Any = Desk()
    assert added_data(desk, {"n": "a", "symbol": "SOL/USD"}) == {"n": "a", "ok": True, "message": ""}
    desk.answer = Rejection("refused", "Kraken: SOL/USD is not listed there")
    assert added_data(desk, {"n": "a", "symbol": "SOL/USD"})["message"] == "Kraken: SOL/USD is not listed there"
