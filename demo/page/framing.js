/**
 * How the drawings of a dataset fill their images: the margin around the ink,
 * as a share of its longer side, and the width of lines in the same unit.
 */
const FRAMINGS = {
  quickdraw: { margin: 0.04, line: 0.06 },
  emnist: { margin: 0.1, line: 0.1 },
  mnist: { margin: 0.2, line: 0.12 },
  kmnist: { margin: 0, line: 0.08 },
  omniglot: { margin: 0.2, line: 0.04 },
  omniglot_strokes: { margin: 0.2, line: 0.04 },
  omniglot_strokes_recorded: { margin: 0.2, line: 0.04 },
  folder: { margin: 0.04, line: 0.06 },
  all: { margin: 0.04, line: 0.06 },
};
const OTHER = { margin: 0.1, line: 0.06 };

/** The framing of a dataset. */
export function of(dataset) {
  return FRAMINGS[dataset] ?? OTHER;
}
