// Follows shares under node with Alpaca's JavaScript SDK 3, which insists on wss: prints what it saw as JSON.
// Arguments: SDK folder, https URL.
const { alpaca, say } = require("./js3_client.cjs");
const stocks = alpaca.data_stream_v2;
const coins = alpaca.crypto_stream_v1beta3;
const first = (subscribe) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("nothing was heard")), 45000);
  subscribe(resolve);
});
const quote = first((heard) => stocks.onStockQuote(heard));
const coin = first((heard) => coins.onCryptoQuote(heard));
const problems = [];
stocks.onError((error) => problems.push(String(error)));
stocks.onConnect(() => stocks.subscribeForQuotes(["AAPL", "F"]));
coins.onConnect(() => coins.subscribeForQuotes(["BTC/USD"]));
stocks.connect();
coins.connect();

(async () => {
  const account = await alpaca.getAccount();
  const seen = { cash: account.cash, quote: (await quote).Symbol, coin: String((await coin).Symbol ?? (await coin).S), problems };
  say(JSON.stringify(seen));
  process.exit(0);
})().catch((error) => {
  console.error(error, problems);
  process.exit(1);
});
