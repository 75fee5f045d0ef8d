/** A model behind the REST interface of TensorFlow Serving. */

/** `server` is HOST:PORT or a URL; `name` is the model's name there. */
export function connect(server, name, imageSize) {
  const base = server.includes("://") ? server : `http://${server}`;
  const url = `${base.replace(/\/$/, "")}/v1/models/${encodeURIComponent(name)}:predict`;

  /** Runs a signature; returns its outputs by name, as flat arrays. */
  async function run(signature, image, seed) {
    const inputs = {};
    if (signature !== "generate") inputs.images = [rows(image, imageSize)];
    if (!signature.startsWith("reconstruct")) inputs.seeds = [[seed, 0]];
    const body = JSON.stringify({ signature_name: signature, inputs });
    let response;
    try {
      response = await fetch(url, { method: "POST", body });
    } catch {
      throw new Error(
        `${server} cannot be reached. Start TensorFlow Serving there with ` +
        "--rest_api_enable_cors_support.");
    }
    let answer;
    try {
      answer = await response.json();
    } catch {
      throw new Error(
        `${server} answered with the code ${response.status} and not with JSON; ` +
        "give the address of TensorFlow Serving's REST interface.");
    }
    if (!response.ok) throw new Error(`${server} refused: ${answer.error}`);
    if (!answer.outputs?.control_points) {
      throw new Error(`${server} serves a model that draws no curves by ${signature}; name another one by ?served_name=NAME.`);
    }
    return Object.fromEntries(
      Object.entries(answer.outputs).map(([key, x]) => [key, x.flat(Infinity)]));
  }

  return { run };
}

/** `[H, W, 1]` as nested lists. */
function rows(image, size) {
  return Array.from({ length: size }, (_, row) =>
    Array.from(image.subarray(row * size, (row + 1) * size), (x) => [x]));
}
