/** What a function may read of a key-value store. */
export interface EdgeStore {
  /** Undefined when there is no such key. */
  get(key: string): string | undefined;
}

/**
 * The module `cloudfront` of the runtime, as code for a function's context. `__read` is taken away once it is inside: a function of this
 * process within reach would be a way out of the context. Methods and their texts: CloudFront, "Helper methods for key value stores" and
 * "Helper methods for origin modification".
 */
export const CLOUDFRONT_MODULE = `
  var __selected;
  const cf = ((read) => {
    const find = (key) => {
      if (typeof key !== 'string' || key === '') throw new Error('InvalidArgument: a key is a text');
      return read(key);
    };
    return Object.freeze({
      kvs() {
        if (read === undefined) throw new Error('no key value store is associated with this function');
        return Object.freeze({
          async get(key, options) {
            const value = find(key);
            if (value === undefined) throw new Error('KeyNotFound: ' + key);
            const format = (options && options.format) || 'string';
            if (format === 'json') return JSON.parse(value);
            if (format === 'string') return value;
            throw new Error('the format ' + format + ' is not supported on a laptop');
          },
          async exists(key) {
            return find(key) !== undefined;
          },
        });
      },
      selectRequestOriginById(id, overrides) {
        if (overrides !== undefined) throw new Error('origin overrides are not supported on a laptop');
        __selected = String(id);
      },
    });
  })(__read);
  __read = undefined;
`;

/** The one import that the runtime knows; a context has no modules, so the name is there already. */
export function withoutCloudFrontImport(code: string): string {
  return code.replace(/^\s*import\s+cf\s+from\s+(['"])cloudfront\1\s*;?/, '');
}
