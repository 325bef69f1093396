// @ts-check
// A worker that answers what it would take, so that no search holds up the page: it reads the bundle from where the browser keeps it.
import { readExplanationBundle, readModelBundle } from "./explanation.js";
import { whatWouldItTake } from "./what_would_it_take.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {{ number: number, model: string, photo: string, question: any, request: any }} Asked where the parts of the bundle lie */

/** @type {{ photo: string, explanation: Promise<Explanation> } | null} */
let kept = null;

const bytes = async (/** @type {string} */ address) => {
  const answer = await fetch(address, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`${address} is not there.`);
  const zipped = answer.headers.get("content-type") === "application/gzip"; // a report's
  return (zipped && answer.body ? new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))) : answer).arrayBuffer();
};

async function read(/** @type {Asked} */ { model, photo }) {
  const [shared, own] = await Promise.all([bytes(model), bytes(photo)]);
  return readExplanationBundle(own, readModelBundle(shared));
}

self.addEventListener("message", async ({ data }) => {
  const asked = /** @type {Asked} */ (data);
  if (kept?.photo !== asked.photo) kept = { photo: asked.photo, explanation: read(asked) };
  try {
    const answer = whatWouldItTake(await kept.explanation, asked.question, asked.request);
    self.postMessage({ number: asked.number, answer });
  } catch (error) {
    kept = null;
    self.postMessage({ number: asked.number, error: String(error) });
  }
});
