/** Of a Lambda's time, in ms: what a step keeps back. A statement may take 45 s, and the answer has to be returned. */
export const MARGIN_MS = 60_000;
