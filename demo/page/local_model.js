/** A model that runs in the browser, by LiteRT.js. */

import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

import { numbers } from "./random.js";

/** Loads the runtime and the model; further signatures are loaded on demand. */
export async function load(description) {
  const runtime = loadLiteRt(new URL("./litert/wasm/", import.meta.url).href);
  const models = new Map();

  function compiled(signature) {
    if (!models.has(signature)) {
      const model = compile(signature);
      model.catch(() => models.delete(signature)); // The next call tries again.
      models.set(signature, model);
    }
    return models.get(signature);
  }

  async function compile(signature) {
    const { file } = description.signatures[signature];
    const response = await fetch(new URL(`./model/${file}`, import.meta.url));
    if (!response.ok) throw new Error(`${file} is missing beside the page.`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    await runtime;
    return loadAndCompile(bytes, { accelerator: "wasm" });
  }

  /** Runs a signature; returns its outputs by name, as flat arrays. */
  async function run(signature, image, seed) {
    const model = await compiled(signature);
    const inputs = {};
    description.signatures[signature].inputs.forEach((input, i) => {
      const count = input.shape.reduce((a, b) => a * b, 1);
      const values = input.distribution
        ? numbers(input.distribution, count, 2 * seed + i)
        : image;
      inputs[input.name] = Tensor.fromTypedArray(values, input.shape);
    });
    const outputs = await model.run(inputs);
    const arrays = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      arrays[name] = await tensor.data();
      tensor.delete();
    }
    Object.values(inputs).forEach((tensor) => tensor.delete());
    return arrays;
  }

  // The first run takes longer than the others.
  await run("reconstruct", new Float32Array(description.image_size ** 2), 0);
  return { run };
}
