// How each client is pointed at this desk. Pure: the desk's address and a key in, text to paste out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const KEY = "YOUR_KEY";
  const SECRET = "YOUR_SECRET";
  const USUAL = ["http://127.0.0.1:8050", "http://localhost:8050"];

  const socketOf = (origin) => origin.replace(/^http/, "ws");

  function exportLines({ origin, key, secret }) {
    return [`export APCA_API_BASE_URL=${origin}`, `export APCA_API_KEY_ID=${key}`, `export APCA_API_SECRET_KEY=${secret}`].join("\n");
  }

  // As a shell takes it: what is no plain word is quoted.
  function word(text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
  }

  function runLine({ origin, account }) {
    const url = USUAL.includes(origin) ? "" : ` --url ${origin}`;
    return `tradesim run${url}${account ? ` --account ${word(account)}` : ""} BOT.py`;
  }

  const python = ({ origin, key, secret }) => `from alpaca.data.historical import CryptoHistoricalDataClient
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.live import StockDataStream
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import MarketOrderRequest
from alpaca.trading.stream import TradingStream

KEY, SECRET = "${key}", "${secret}"
DESK, SOCKETS = "${origin}", "${socketOf(origin)}"

trading = TradingClient(KEY, SECRET, url_override=DESK)
stocks = StockHistoricalDataClient(KEY, SECRET, url_override=DESK)
crypto = CryptoHistoricalDataClient(KEY, SECRET, url_override=DESK)
updates = TradingStream(KEY, SECRET, url_override=f"{SOCKETS}/stream")
prices = StockDataStream(KEY, SECRET, url_override=f"{SOCKETS}/v2/iex")

print(trading.get_account().equity)
order = MarketOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day")
print(trading.submit_order(order).status)`;

  const oldPython = ({ origin, key, secret }) => `export APCA_API_KEY_ID=${key}
export APCA_API_SECRET_KEY=${secret}
export APCA_API_BASE_URL=${origin}
export APCA_API_DATA_URL=${origin}
export APCA_API_STREAM_URL=${origin}

python -c 'import alpaca_trade_api; print(alpaca_trade_api.REST().get_account().equity)'`;

  const javascript = ({ origin, key, secret }) => `import { Alpaca, marketData, trading } from "@alpacahq/alpaca-trade-api";

const keys = { keyId: "${key}", secret: "${secret}" };
const there = { ...keys, basePath: "${origin}" };
const account = await new trading.AccountsApi(new trading.Configuration(there)).getAccount();
console.log(account.equity);

const stocks = new marketData.StockApi(new marketData.Configuration(there));
const updates = new Alpaca(keys).trading.stream({ url: "${socketOf(origin)}/stream" });
const prices = new Alpaca(keys).marketData.stockStream({ url: "${socketOf(origin)}/v2/iex" });`;

  const curl = ({ origin, key, secret }) => `curl -u ${key}:${secret} ${origin}/v2/account

curl -u ${key}:${secret} ${origin}/v2/orders \\
     -H 'Content-Type: application/json' \\
     -d '{"symbol": "AAPL", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"}'`;

  const ccxt = ({ origin, key, secret }) => `import ccxt

exchange = ccxt.alpaca({"apiKey": "${key}", "secret": "${secret}"})
exchange.urls["api"] = dict.fromkeys(("broker", "trader", "market"), "${origin}")
print(exchange.fetch_balance()["USD"])
print(exchange.create_order("BTC/USD", "market", "buy", 0.01)["id"])`;

  const run = (wanted) => `# A bot on this machine needs no key and no address:
# both are made for the run, and the bot stays as it is.
${runLine(wanted)}

# In another account, an hour at most, with arguments:
${runLine({ ...wanted, account: wanted.account || "Robots" }).replace("BOT.py", "\\\n  --time-limit 3600 BOT.py AAPL 100")}`;

  const CLIENTS = [
    { id: "run", name: "tradesim run", text: run, note: "Any Python bot on alpaca-py or alpaca-trade-api, unmodified." },
    { id: "python", name: "Python", text: python, note: "alpaca-py. The other data clients take url_override too; crypto prices stream from /v1beta3/crypto/us." },
    { id: "old", name: "Old Python", text: oldPython, note: "alpaca-trade-api reads its addresses and its key from the environment." },
    { id: "javascript", name: "JavaScript", text: javascript, note: "Version 4. Version 3 takes baseUrl and dataBaseUrl; its stock stream insists on TLS." },
    { id: "curl", name: "curl", text: curl, note: "The headers APCA-API-KEY-ID and APCA-API-SECRET-KEY do the same, and keep the key out of the list of processes." },
    { id: "ccxt", name: "ccxt", text: ccxt, note: "ccxt's alpaca trades crypto." },
  ];

  // `wanted` is {origin, key?, secret?, account?}; what is not known stands as a placeholder.
  function snippet(id, { origin, key = "", secret = "", account = "" }) {
    const client = CLIENTS.find((each) => each.id === id) || CLIENTS[0];
    return { text: client.text({ origin, key: key || KEY, secret: secret || SECRET, account }), note: client.note };
  }

  const words = { CLIENTS, KEY, SECRET, snippet, exportLines, runLine };
  ts.keysSnippets = words;
  if (typeof module !== "undefined") module.exports = words;
})(typeof window === "undefined" ? globalThis : window);
