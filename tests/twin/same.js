// What all replays share: whether the page's arithmetic found what Python wrote down.
//   ZSLVIZ_FIRST: not empty where the first difference is all that is asked for; the replay ends with it.
import assert from "node:assert/strict";
import every from "node:test";

const NEAR = 1e-5;
const WORDS = { "-inf": -Infinity };

// Whatever is deep in two values: text and structure equal, numbers near. NaN is no number that JSON has.
export function same(found, expected, at) {
  if (typeof expected === "number" || expected in WORDS) {
    const wanted = WORDS[expected] ?? expected;
    assert.equal(typeof found, "number", at);
    const near = found === wanted || Math.abs(found - wanted) <= NEAR * Math.max(1, Math.abs(wanted));
    assert.ok(near, `${at}: ${found} instead of ${wanted}`);
  } else if (expected && typeof expected === "object") {
    const keys = Object.keys(expected);
    assert.deepEqual(Object.keys(found), keys, at);
    for (const key of keys) same(found[key], expected[key], `${at}.${key}`);
  } else {
    assert.equal(found, expected, at);
  }
}

// A map in 8 bits: each place is right to half a step, and keeps its sign and its zero.
export function nearMap(found, expected, step, at) {
  assert.equal(found.length, expected.length, at);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(found[i] - value) <= 0.5001 * step, `${at}: ${found[i]} instead of ${value}`);
    assert.ok(found[i] * value >= 0 && (value !== 0 || found[i] === 0), `${at}: the sign of ${value}`);
  });
}

// A scale as the server's legend tells it: its ends and the middle.
export function sameScale({ low, high }, legend, at) {
  same([low, (low + high) / 2, high], legend.ticks, at);
}

// One of a replay's tests.
export function test(name, body) {
  every(name, process.env.ZSLVIZ_FIRST ? () => untilDifferent(body) : body);
}

function untilDifferent(body) {
  try {
    body();
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
