const test = require("node:test");
const assert = require("node:assert");
const snippets = require("../../assets/keys_snippets.js");

const desk = { origin: "https://desk.example", key: "PK1", secret: "s3" };

test("every client's lines have the address, the key and the secret, and nothing of Alpaca's own addresses", () => {
  for (const { id } of snippets.CLIENTS.filter((client) => client.id !== "run")) {
    const { text, note } = snippets.snippet(id, desk);
    for (const part of Object.values(desk)) assert.ok(text.includes(part), `${id} lacks ${part}`);
    assert.ok(!text.includes("alpaca.markets"), id);
    assert.ok(note.length > 20, id);
  }
});

test("sockets follow the page's own scheme", () => {
  assert.match(snippets.snippet("python", desk).text, /"wss:\/\/desk\.example"/);
  assert.match(snippets.snippet("javascript", { ...desk, origin: "http://127.0.0.1:8050" }).text, /ws:\/\/127\.0\.0\.1:8050\/stream/);
});

test("what is not known stands as a placeholder", () => {
  const { text } = snippets.snippet("curl", { origin: desk.origin });
  assert.ok(text.startsWith("curl -u YOUR_KEY:YOUR_SECRET https://desk.example/v2/account"));
  assert.ok(snippets.snippet("nothing of the kind", desk).text.includes("tradesim run"));
});

test("no secret is ever part of an address", () => {
  for (const { id } of snippets.CLIENTS) assert.doesNotMatch(snippets.snippet(id, desk).text, /(https?|wss?):\/\/\S*s3/);
});

test("the run line names the desk only where that is not the usual one, and quotes an account", () => {
  assert.equal(snippets.runLine({ origin: "http://localhost:8050" }), "tradesim run BOT.py");
  assert.equal(snippets.runLine({ origin: "http://127.0.0.1:9000", account: "My bot's" }), "tradesim run --url http://127.0.0.1:9000 --account 'My bot'\\''s' BOT.py");
});

test("export lines are for a shell", () => {
  assert.equal(snippets.exportLines(desk), "export APCA_API_BASE_URL=https://desk.example\nexport APCA_API_KEY_ID=PK1\nexport APCA_API_SECRET_KEY=s3");
});
