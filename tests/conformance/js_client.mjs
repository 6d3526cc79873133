// Runs under node with Alpaca's JavaScript SDK 4: prints what it saw as JSON. Arguments: SDK folder, URL, ws URL.
import { createRequire } from "node:module";
const [folder, url, ws] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { Alpaca, marketData } = require("@alpacahq/alpaca-trade-api");
const keys = { keyId: process.env.APCA_API_KEY_ID, secret: process.env.APCA_API_SECRET_KEY };
const stocks = new marketData.StockApi(new marketData.Configuration({ ...keys, basePath: url }));
const bars = await stocks.stockBars({ symbols: "AAPL", timeframe: "1Min", start: new Date("2026-01-05T00:00:00Z") });
const latest = await stocks.stockLatestTradeSingle({ symbol: "AAPL" });
const stream = new Alpaca(keys).marketData.stockStream({ url: `${ws}/v2/iex` });
const heard = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("nothing was heard")), 15000);
  stream.onTrade((trade) => resolve(trade));
  stream.onConnect(() => {
    stream.subscribeForTrades(["AAPL"]);
    console.log("listening");
  });
});
stream.connect();
const trade = await heard;
console.log(JSON.stringify({ bars: bars.bars.AAPL.length, latest: latest.trade, trade }));
process.exit(0);
