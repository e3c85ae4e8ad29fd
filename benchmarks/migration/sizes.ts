/** How much is measured. */
export interface Sizes {
  readonly planLoopRows: number;
  readonly bulkRows: number;
  readonly growthRows: { readonly small: number; readonly large: number };
  readonly writes: { readonly rows: number; readonly clients: number; readonly roundMs: number };
}

/** What issue 3 asks for. */
export const FULL: Sizes = {
  planLoopRows: 5_000,
  bulkRows: 500_000,
  growthRows: { small: 10_000, large: 1_000_000 },
  writes: { rows: 50_000, clients: 8, roundMs: 4_000 },
};

/** Shows that the benchmark works; its numbers mean nothing. */
export const QUICK: Sizes = {
  planLoopRows: 500,
  bulkRows: 2_000,
  growthRows: { small: 500, large: 2_000 },
  writes: { rows: 500, clients: 8, roundMs: 200 },
};
