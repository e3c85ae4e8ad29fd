/** A metric expression asks for what is not evaluated here. */
export class UnsupportedExpressionError extends Error {
  override readonly name = 'UnsupportedExpressionError';
}

/** Values by the ids that an expression may name; undefined where there is no data. */
export type Lookup = (id: string) => number | undefined;
export type MetricExpression = (lookup: Lookup) => number | undefined;

type Binary = (a: number, b: number) => number;
const truth = (value: boolean) => (value ? 1 : 0);

/** From the weakest binding to the strongest. */
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  {
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

/**
 * Compiles a metric math expression: arithmetic, comparisons, `FILL(m1, 0)` and `IF(condition, a, b)` over metrics with one value each. What
 * has no data, and what is divided by zero, gives no data.
 * @throws {UnsupportedExpressionError} naming what is not known
 */
export function compileExpression(text: string): MetricExpression {
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z]\w*|<=|>=|==|!=|[^\s]/g) ?? [];
  let position = 0;
  const peek = () => tokens[position];
  const take = (expected?: string): string => {
    const token = tokens[position];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new UnsupportedExpressionError(`"${text}": found ${token ?? 'its end'}, expected ${expected ?? 'a value'}`);
    position += 1;
    return token;
  };

  const binary = (level: number): MetricExpression => {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let operate = operators[peek() ?? '']; operate !== undefined; operate = operators[peek() ?? '']) {
      take();
      left = combine(operate, left, binary(level + 1));
    }
    return left;
  };
  const unary = (): MetricExpression => {
    if (peek() === '-') {
      take();
      return combine(
        (a, b) => a - b,
        () => 0,
        unary(),
      );
    }
    if (peek() === '(') {
      take();
      const inner = binary(0);
      take(')');
      return inner;
    }
    const token = take();
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z]/.test(token)) throw new UnsupportedExpressionError(`"${text}": ${token} is not known`);
    return peek() === '(' ? call(token) : (lookup) => lookup(token);
  };
  const call = (name: string): MetricExpression => {
    const parameters: MetricExpression[] = [];
    for (take('('); ; take(',')) {
      parameters.push(binary(0));
      if (peek() !== ',') break;
    }
    take(')');
    const [first, second, third] = parameters;
    if (name === 'FILL' && first && second && !third) return (lookup) => first(lookup) ?? second(lookup);
    if (name === 'IF' && first && second) {
      return (lookup) => {
        const condition = first(lookup);
        return condition === undefined ? undefined : condition !== 0 ? second(lookup) : third?.(lookup);
      };
    }
    throw new UnsupportedExpressionError(
      `"${text}": the function ${name} is not evaluated here; known: FILL(metric, value), IF(condition, a, b)`,
    );
  };

  const expression = binary(0);
  if (position < tokens.length) throw new UnsupportedExpressionError(`"${text}": ${tokens[position]} was not expected`);
  return expression;
}

function combine(operate: Binary, left: MetricExpression, right: MetricExpression): MetricExpression {
  return (lookup) => {
    const [a, b] = [left(lookup), right(lookup)];
    if (a === undefined || b === undefined) return undefined;
    const value = operate(a, b);
    return Number.isFinite(value) ? value : undefined;
  };
}
