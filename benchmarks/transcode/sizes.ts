/** How much is measured. */
export interface Sizes {
  /** Of the source that the pipeline is timed with. */
  readonly pipeline: { readonly width: number; readonly height: number; readonly seconds: number };
  readonly submitSeconds: number;
  /** Of the sources whose memory is compared. */
  readonly memorySeconds: { readonly short: number; readonly long: number };
  /** Of all Lambdas, or of one. */
  readonly bundles: 'all' | 'one';
}

/** What issue 4 asks for. */
export const FULL: Sizes = {
  pipeline: { width: 1_920, height: 1_080, seconds: 60 },
  submitSeconds: 2,
  memorySeconds: { short: 10, long: 600 },
  bundles: 'all',
};

/** Shows that the benchmark works; its numbers mean nothing. */
export const QUICK: Sizes = {
  pipeline: { width: 640, height: 360, seconds: 2 },
  submitSeconds: 1,
  memorySeconds: { short: 1, long: 7 },
  bundles: 'one',
};
