/** Random numbers that depend on a seed alone. */

/** `count` numbers, uniform in [0, 1) or standard normal. */
export function numbers(distribution, count, seed) {
  const next = generator(seed);
  const draw = distribution === "normal" ? () => normal(next) : next;
  return Float32Array.from({ length: count }, draw);
}

/** Mulberry32: numbers in [0, 1) with 24 bits, which float32 holds exactly. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 8) / 2 ** 24;
  };
}

/** Box and Muller. */
function normal(next) {
  const radius = Math.sqrt(-2 * Math.log(1 - next()));
  return radius * Math.cos(2 * Math.PI * next());
}
