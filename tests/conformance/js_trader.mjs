// Trades under node with Alpaca's JavaScript SDK 4: prints what it saw as JSON. Arguments: SDK folder, URL, ws URL.
import { createRequire } from "node:module";
const [folder, url, ws] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { Alpaca, trading } = require("@alpacahq/alpaca-trade-api");
const keys = { keyId: process.env.APCA_API_KEY_ID, secret: process.env.APCA_API_SECRET_KEY };
const at = new trading.Configuration({ ...keys, basePath: url });
const orders = new trading.OrdersApi(at);
const heard = [];
const stream = new Alpaca(keys).trading.stream({ url: `${ws}/stream` });
const isOver = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`heard no end: ${JSON.stringify(heard)}`)), 15000);
  stream.onTradeUpdate((update) => {
    heard.push([update.event, update.order.clientOrderId, String(update.qty ?? "")]);
    if (update.event === "canceled") resolve();
  });
});
const isListening = new Promise((resolve) => stream.onConnect(() => {
  stream.subscribeTradeUpdates();
  setTimeout(resolve, 300);
}));
stream.connect();
await isListening;
const wish = (fields) => ({ postOrderRequest: { symbol: "AAPL", timeInForce: "day", ...fields } });
const bought = await orders.postOrder(wish({ qty: "7", side: "buy", type: "market", clientOrderId: "one" }));
const resting = await orders.postOrder(
  wish({ qty: "5", side: "buy", type: "limit", limitPrice: "229.5", clientOrderId: "two" }),
);
const changed = await orders.patchOrderByOrderId({
  orderId: resting.id,
  patchOrderRequest: { limitPrice: "229.6", clientOrderId: "three" },
});
await orders.deleteOrderByOrderID({ orderId: changed.id });
await isOver;
const refused = async (act) => act().then(() => null, async (error) => [
  error.response?.status ?? error.status,
  error.body?.message ?? error.apiMessage ?? error.message,
]);
const seen = {
  bought: (await orders.getOrderByOrderID({ orderId: bought.id })).status,
  replaces: changed.replaces === resting.id,
  position: (await new trading.PositionsApi(at).getOpenPosition({ symbolOrAssetId: "AAPL" })).qty,
  cash: String((await new trading.AccountsApi(at).getAccount()).cash),
  refused: await refused(() => orders.postOrder(wish({ qty: "9999", side: "buy", type: "market" }))),
  activities: (await new trading.AccountActivitiesApi(at).getAccountActivities({ activityTypes: ["FILL"] })).length,
  closed: (await new trading.PositionsApi(at).deleteAllOpenPositions({ cancelOrders: true })).length,
  open: (await orders.getAllOrders({ status: "open" })).length,
};
console.log(JSON.stringify({ ...seen, heard }));
process.exit(0);
