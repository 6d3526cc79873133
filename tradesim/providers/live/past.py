    def _load_past(self) -> None:
        """Fetch the past of every symbol at once; what is late is merged when it comes."""
        began = self._clock.now()
        for tried in [self._fetching(symbol, began - MINUTES_BACK_NS, with_days=True) for symbol in self.instruments]:
            tried.wait(max(0.0, self._rules.history_wait_s - (self._clock.now() - began) / NS_PER_SECOND))
        now = self._clock.now()
        self.advance(now)
        closes = {symbol: self.bars.last_close(symbol) for symbol in self.instruments}
        self._last_told = {symbol: price for symbol, price in closes.items() if price is not None}
        self.venue.reset(now, self._last_told)

    def _fetching(self, symbol: str, since: int, with_days: bool = False) -> threading.Event:
        """Set when it was tried once; what could not be had then is asked for again, less and less often."""
        tried = threading.Event()
        fetch = partial(self._fetch, symbol, since, with_days, tried)
        threading.Thread(target=fetch, name=f"past-{symbol}", daemon=True).start()
        return tried

    def _fetch(self, symbol: str, since: int, with_days: bool, tried: threading.Event) -> None:
        spans = {Timeframe.M1: since, **({Timeframe.D1: self._clock.now() - DAYS_BACK_NS} if with_days else {})}
        for attempt in range(PAST_ATTEMPTS):
            found = {timeframe: self._fetched(symbol, timeframe, start) for timeframe, start in spans.items()}
            bars = [found.get(timeframe) or Bars.empty() for timeframe in (Timeframe.M1, Timeframe.D1)]
            if not self._closed.is_set() and any(map(len, bars)):
                self._intake.put([partial(self._merge, symbol, *bars)])
            tried.set()
            spans = {timeframe: start for timeframe, start in spans.items() if found[timeframe] is None}
            if not spans or self._closed.wait(PAST_RETRY_S * 2**attempt):
                return

    def _merge(self, symbol: str, minutes: Bars, days: Bars) -> None:
        self.bars.merge(symbol, minutes, days)
        if len(days):
            self.venue.on_scale(symbol, scale_of(self.bars.history(symbol).days))

    def _fetched(self, symbol: str, timeframe: Timeframe, since: int) -> Bars | None:
        """Bars that are over; None when nobody could be asked now."""
        instrument, until = self.instruments[symbol], self._clock.now()
        try:
            found = self._answers[self._route[symbol]].bars(symbol, timeframe, since, until, zone_name(instrument))
        except (RetryLater, BadPayload) as error:
            logger.warning("no %s bars of %s now: %s", timeframe, symbol, error)
            return None
        except ProviderError as error:
            logger.warning("no %s bars of %s: %s", timeframe, symbol, error)
            return Bars.empty()
        over = [bar for bar in found.value if bar.is_final and bar.start + timeframe.ns <= until]
        return as_columns(over, instrument)

