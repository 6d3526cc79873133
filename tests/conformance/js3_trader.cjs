// Trades under node with Alpaca's JavaScript SDK 3: prints what it saw as JSON. Arguments: SDK folder, URL.
const { alpaca, say } = require("./js3_client.cjs");
const heard = [];
const isOver = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`heard no end: ${JSON.stringify(heard)}`)), 15000);
  alpaca.trade_ws.onOrderUpdate((update) => {
    heard.push([update.event, update.order.client_order_id, update.qty ?? ""]);
    if (update.event === "canceled") resolve();
  });
});
const isListening = new Promise((resolve) => alpaca.trade_ws.onConnect(() => {
  alpaca.trade_ws.subscribe(["trade_updates"]);
  setTimeout(resolve, 300);
}));
alpaca.trade_ws.connect();

(async () => {
  await isListening;
  const wish = (fields) => ({ symbol: "AAPL", side: "buy", time_in_force: "day", ...fields });
  const bought = await alpaca.createOrder(wish({ qty: 7, type: "market", client_order_id: "one" }));
  const resting = await alpaca.createOrder(wish({ qty: 5, type: "limit", limit_price: 229.5, client_order_id: "two" }));
  const changed = await alpaca.replaceOrder(resting.id, { limit_price: 229.6, client_order_id: "three" });
  await alpaca.cancelOrder(changed.id);
  await isOver;
  const refused = await alpaca.createOrder(wish({ qty: 9999, type: "market" })).then(
    () => null,
    (error) => [error.response.status, error.response.data.message],
  );
  const seen = {
    bought: (await alpaca.getOrder(bought.id)).status,
    replaces: changed.replaces === resting.id,
    position: (await alpaca.getPosition("AAPL")).qty,
    cash: (await alpaca.getAccount()).cash,
    refused,
    activities: (await alpaca.getAccountActivities({ activityTypes: ["FILL"] })).length,
    latest: (await alpaca.getLatestQuote("AAPL")).BidPrice,
    closed: (await alpaca.closeAllPositions()).length,
    open: (await alpaca.getOrders({ status: "open" })).length,
  };
  say(JSON.stringify({ ...seen, heard }));
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
