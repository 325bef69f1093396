// @ts-check
// A model's test photos as fused vectors, ranked again after edits of classes: the twin of `zslviz/tasks/attributes/whole_set`.
import { BundleError, halves, part } from "./bundle.js";
import * as reading from "./reading.js";

const FORMAT = 1;
const KIND = "model's test photos";

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/**
 * N test photos. vectors: [N, A], the fused vector of each. labels: [N], class indices. of_seen: [N], 1 for a photo of a seen class.
 * photos: the same for two models that were measured on the same photos in the same order.
 * @typedef {{ model: string, data: string, config: string, photos: string, vectors: Float32Array, labels: Uint16Array, of_seen: Uint8Array }} FusedPhotos
 */

/**
 * What `fused_bytes` of Python wrote. space: of the model. Throws BundleError.
 * @param {ArrayBuffer | Uint8Array} content
 * @param {SemanticSpace} space
 * @returns {FusedPhotos}
 */
export function readFusedPhotos(content, space) {
  const bundle = reading.opened(content, KIND, FORMAT);
  return reading.usable(() => {
    const { model, data, config, photos } = bundle.head;
    const [attributes, count] = [space.attributes.length, bundle.parts.get("labels")?.shape[0] ?? 0];
    const labels = part(bundle, "labels", Uint16Array, [count]);
    const vectors = halves(part(bundle, "vectors", Uint16Array, [count, attributes]));
    const exact = bundle.parts.get("exact");
    if (exact) {
      const rows = part(bundle, "exact", Float32Array, [exact.shape[0], attributes]);
      part(bundle, "exact_places", Uint16Array, [exact.shape[0], 2]).forEach((low, i, places) => {
        if (i % 2) return;
        const place = low + 65536 * places[i + 1];
        if (place >= count) throw new BundleError("This bundle is damaged: it names a photo that it does not have.");
        vectors.set(rows.subarray((i / 2) * attributes, (i / 2 + 1) * attributes), place * attributes);
      });
    }
    if (labels.some((c) => c >= space.classes.length)) throw new BundleError("These test photos are of another model.");
    return { model, data, config, photos, vectors, labels, of_seen: part(bundle, "of_seen", Uint8Array, [count]) };
  });
}
