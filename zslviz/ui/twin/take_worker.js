// @ts-check
// A worker that answers what it would take, so that no search holds up the page: it reads the bundle from the bytes that the page has.
import { readExplanationBundle, readModelBundle } from "./explanation.js";
import { whatWouldItTake } from "./what_would_it_take.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {{ model: ArrayBuffer, photo: ArrayBuffer }} Parts of a bundle */
/** @typedef {{ number: number, handle: string, parts: Parts | null, question: any, request: any }} Asked parts: if it has not got them yet */

/** @type {{ handle: string, explanation: Explanation } | null} */
let kept = null;

function explanationOf(/** @type {Asked} */ { handle, parts }) {
  if (parts) kept = { handle, explanation: readExplanationBundle(parts.photo, readModelBundle(parts.model)) };
  if (kept?.handle !== handle) throw new Error(`The bundle of ${handle} is not here.`);
  return kept.explanation;
}

self.addEventListener("message", ({ data }) => {
  const asked = /** @type {Asked} */ (data);
  try {
    self.postMessage({ number: asked.number, answer: whatWouldItTake(explanationOf(asked).joined(asked.request.invented), asked.question, asked.request) });
  } catch (error) {
    self.postMessage({ number: asked.number, error: String(error) });
  }
});
self.postMessage({ ready: true });
