// A client of Alpaca's JavaScript SDK 3 for the desk, under node. Arguments of the program: SDK folder, URL.
const { createRequire } = require("node:module");
const [folder, url] = process.argv.slice(2);
const say = console.log;
console.log = () => {};
const Alpaca = createRequire(`${folder}/`)("@alpacahq/alpaca-trade-api");
const alpaca = new Alpaca({
  keyId: process.env.APCA_API_KEY_ID,
  secretKey: process.env.APCA_API_SECRET_KEY,
  baseUrl: url,
  dataBaseUrl: url,
  dataStreamUrl: url,
  feed: "iex",
  paper: true,
});

// The SDK talks to the console; `say` is for what a test reads.
module.exports = { alpaca, say };
