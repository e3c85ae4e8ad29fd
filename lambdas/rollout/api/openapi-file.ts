/** The description of the API, made at synth, beside the function that serves it. */
export const OPENAPI_FILE = 'openapi.json';
