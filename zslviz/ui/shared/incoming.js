// @ts-check
// How a photo of one's own comes in: dropped anywhere on the page, pasted, and made small enough for the server.
zslviz.incoming = (() => {
  "use strict";
  const MOST_PIXELS = 50e6; // that the server accepts (zslviz/photos/loading.py)
  const SHRUNK_PIXELS = 16e6; // far more than a network looks at
  const QUALITY = 0.92;
  const ADDRESS = /^\s*(?:(?:https?|file|blob):\/*\S+|data:image\/\S+|www\.\S+|\S+\.(?:jpe?g|png|webp|gif|avif|bmp|tiff?)(?:\?\S*)?)\s*$/i;
  const NO_ADDRESS = "An address is not opened here: paste the picture itself, or save it and drop the file.";
  let told = false; // that a photo was made smaller

  /**
   * @param {HTMLElement} card
   * @param {(photo: File) => void} take
   * @param {(sentence: string) => void} tell one sentence to the visitor
   */
  function incoming(card, take, tell) {
    const open = () => Boolean(card.offsetParent); // else another tab is
    const brings = (/** @type {DragEvent} */ { dataTransfer }) => [...(dataTransfer?.types || [])].some((type) => type === "Files" || type === "text/uri-list");
    for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
      document.addEventListener(name, (event) => {
        if (!open() || !brings(event)) return;
        if (name === "dragleave") {
          if (!event.relatedTarget) card.classList.remove("zv-dropping"); // it has left the page
          return;
        }
        event.preventDefault();
        card.classList.toggle("zv-dropping", name === "dragover");
        if (name === "dragover") return;
        const { dataTransfer } = event;
        if (dataTransfer?.files.length) take(dataTransfer.files[0]);
        else tell(NO_ADDRESS);
      });
    }
    document.addEventListener("paste", (event) => {
      if (!open()) return;
      const picked = [...(event.clipboardData?.files || [])].find((file) => file.type.startsWith("image/"));
      if (picked) return take(picked);
      const { target } = event;
      if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return; // it is text for a field
      if (ADDRESS.test(event.clipboardData?.getData("text/plain") || "")) tell(NO_ADDRESS);
    });
  }

  // The photo as it is sent: made smaller, upright and on white, where it has more pixels than the server accepts. What the browser cannot
  // read is sent as it is: the server says what is wrong with it.
  incoming.fitting = async (/** @type {File} */ picked, /** @type {(sentence: string) => void} */ tell) => {
    const image = new Image();
    image.src = URL.createObjectURL(picked);
    try {
      await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
      const pixels = image.naturalWidth * image.naturalHeight; // as the photo is turned by its camera's note
      if (pixels <= MOST_PIXELS) return picked;
      const by = Math.sqrt(SHRUNK_PIXELS / pixels);
      const canvas = Object.assign(document.createElement("canvas"), {
        width: Math.max(1, Math.round(image.naturalWidth * by)), height: Math.max(1, Math.round(image.naturalHeight * by)),
      });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      /** @type {Blob | null} */
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
      if (!blob) return picked;
      if (!told) tell(`A photo of ${Math.round(pixels / 1e6)} megapixels was made smaller in your browser before it was sent; ${Math.round(MOST_PIXELS / 1e6)} are accepted.`);
      told = true;
      return new File([blob], picked.name, { type: blob.type });
    } catch {
      return picked;
    } finally {
      URL.revokeObjectURL(image.src);
    }
  };
  return incoming;
})();
