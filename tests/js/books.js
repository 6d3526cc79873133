// Books as the stream tells them, for the tests of the stream.
"use strict";
const { checksum } = require("../../assets/live_state.js");

function aBook(mid, levels = 50) {
  const book = { b: [], a: [], ts: 1 };
  for (let each = 1; each <= levels; each++) {
    book.b.push([mid - each, 100 + each, 1]);
    book.a.push([mid + each, 100 + each, 1]);
  }
  return { ...book, crc: checksum(book) };
}

module.exports = { aBook };
