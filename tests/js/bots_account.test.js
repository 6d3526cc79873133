const { test } = require("node:test");
const assert = require("node:assert");
const { ownName, choices, meaning, OWN, NEW } = require("../../assets/bots_account.js");

const ACCOUNTS = [
  { name: "Paper", equity: "100000" },
  { name: "Robots", equity: "50000" },
];
const said = (value, typed = "", file = "/x/market_maker.py") => meaning(value, typed, file, ACCOUNTS, "Paper", (text) => `$${text}`);

test("a bot's own account is called after its file", () => {
  assert.equal(ownName("/home/me/bots/market_maker.py"), "market_maker");
  assert.equal(ownName("C:\\bots\\a b.py"), "a b");
  assert.equal(ownName("paper.py"), "paper bot");
  assert.equal(ownName(`${"m".repeat(60)}.py`).length, 40);
});

test("its own account is offered first, then those that are there", () => {
  assert.deepEqual(choices("market_maker.py", ACCOUNTS), [[OWN, "Its own: market_maker"], ["Paper", "Paper"], ["Robots", "Robots"], [NEW, "Another new one…"]]);
  assert.deepEqual(choices("robots.py", [{ name: "robots" }]).map(([value]) => value), [OWN, NEW]);
});

test("the choice says what it means", () => {
  assert.equal(said(OWN), "The account market_maker is opened when the bot first asks for it.");
  assert.equal(said("Robots"), "It goes on with $50000 in Robots.");
  assert.match(said("Paper"), /beside your own orders/);
  assert.equal(said(NEW), "Give it a name.");
  assert.equal(said(NEW, " Fresh "), "The account Fresh is opened when the bot first asks for it.");
  assert.equal(said(OWN, "", ""), "");
});

test("an archived account of its own is left alone: the next name is offered", () => {
  assert.equal(ownName("maker.py", ["Maker", "maker 2"]), "maker 3");
  assert.deepEqual(choices("maker.py", [], ["maker"])[0], [OWN, "Its own: maker 2"]);
  assert.equal(meaning(NEW, "Gone", "maker.py", [], "Paper", String, ["gone"]), "The account Gone was archived, and no bot opens it anew: take another name, such as Gone 2.");
  assert.equal(meaning(OWN, "", "maker.py", [], "Paper", String, ["maker"]), "The account maker 2 is opened when the bot first asks for it.");
});
