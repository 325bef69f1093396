// @ts-check
// A worker that answers what it would take, so that no search holds up the page: it reads the bundle from the bytes that the page has.
import { readExplanationBundle, readModelBundle } from "./explanation.js";
import { whatWouldItTake } from "./what_would_it_take.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {{ model: ArrayBuffer, photo: ArrayBuffer }} Parts of a bundle */
/** @typedef {{ number: number, handle: string, parts: Parts | null, question: any, request: any }} Asked parts: if it has not got them yet */

/** @type {{ handle: string, explanation: Explanation } | null} */
let kept = null;
/** @type {{ key: string, explanation: Explanation, request: any }} */
let state = { key: "", explanation: /** @type {any} */ (null), request: null }; // of one state many classes are asked for

function explanationOf(/** @type {Asked} */ { handle, parts }) {
  if (parts) kept = { handle, explanation: readExplanationBundle(parts.photo, readModelBundle(parts.model)) };
  if (kept?.handle !== handle) throw new Error(`The bundle of ${handle} is not here.`);
  return kept.explanation;
}

function stateOf(/** @type {Asked} */ asked) {
  const [explanation, key] = [explanationOf(asked), JSON.stringify([asked.handle, asked.request])];
  if (state.key !== key || asked.parts) state = { key, explanation: explanation.joined(asked.request.invented), request: asked.request };
  return state;
}

self.addEventListener("message", ({ data }) => {
  const asked = /** @type {Asked} */ (data);
  try {
    const { explanation, request } = stateOf(asked);
    self.postMessage({ number: asked.number, answer: whatWouldItTake(explanation, asked.question, request) });
  } catch (error) {
    self.postMessage({ number: asked.number, error: String(error) });
  }
});
self.postMessage({ ready: true });
