/** Definite JSONPath: members, quoted members, indexes. Everything else the interpreter's JSONPath library reads differently from the service. */
const PATH = /^\$\$?(?:\.[\p{L}_][\p{L}\p{N}_-]*|\['[^'\\]+'\]|\["[^"\\]+"\]|\[\d+\])*$/u;
const REFERENCE_PATH = /^\$$|^\$\.[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}_][\p{L}\p{N}_-]*|\[\d+\])*$/u;
const CONTEXT =
  /^\$\$\.(?:Execution\.(?:Id|Name|RoleArn|StartTime|Input(?:[.[].*)?)|StateMachine\.(?:Id|Name)|State\.(?:Name|EnteredTime|RetryCount))$/;
const MAP_ITEM = /^\$\$\.Map\.Item\.(?:Index|Value(?:[.[].*)?)$/;

/** Intrinsic functions that behave as on AWS. Measured: the interpreter drops every backslash of a string result. */
const INTRINSICS = new Set(
  'Format StringToJson Array ArrayPartition ArrayContains ArrayRange ArrayGetItem ArrayLength ArrayUnique Base64Encode Hash JsonMerge MathRandom MathAdd StringSplit UUID'.split(
    ' ',
  ),
);

/** What is wrong with a path, with what to do; undefined when it can be executed. */
export function pathProblem(path: unknown, { mapItem = false } = {}): string | undefined {
  if (typeof path !== 'string' || !path.startsWith('$')) return `found ${JSON.stringify(path)}, expected a path that starts with $`;
  if (!PATH.test(path)) {
    return `the path ${path} is not a definite one ($.a.b, $['a b'], $.a[0]); wildcards, filters, slices and functions differ here from AWS: pick the value in a Task`;
  }
  if (/\.length(?=$|[.[])/.test(path))
    return `the path ${path} reads "length", which counts an array here and not on AWS; use States.ArrayLength`;
  if (!path.startsWith('$$') || CONTEXT.test(path) || (mapItem && MAP_ITEM.test(path))) return undefined;
  if (path.startsWith('$$.Map.')) return `${path} exists only in the ItemSelector of a Map; hand it to the iteration there`;
  if (path.startsWith('$$.Task')) return `${path}: there are no task tokens here; poll with Wait, or use a .sync integration`;
  return `${path} is not offered; use $$.Execution.{Id,Name,Input,StartTime,RoleArn}, $$.StateMachine.{Id,Name} or $$.State.{Name,EnteredTime,RetryCount}`;
}

/** What is wrong with a ResultPath. */
export function referencePathProblem(path: unknown): string | undefined {
  if (typeof path === 'string' && REFERENCE_PATH.test(path)) return undefined;
  return `found ${JSON.stringify(path)}, expected null, $ or a reference path such as $.a.b`;
}

/** What is wrong with the value of a `.$` member: a path or an intrinsic function. */
export function expressionProblem(expression: unknown, options: { mapItem?: boolean } = {}): string | undefined {
  if (typeof expression !== 'string')
    return `found ${JSON.stringify(expression)}, expected a path or an intrinsic function, as the name ends in ".$"`;
  return expression.startsWith('$') ? pathProblem(expression, options) : intrinsicProblem(expression.trim(), options);
}

function intrinsicProblem(call: string, options: { mapItem?: boolean }): string | undefined {
  const [, name = '', args = ''] = /^States\.(\w+)\((.*)\)$/su.exec(call) ?? [];
  if (name === '') return `found "${call}", expected a path ($.…) or an intrinsic function (States.…(…))`;
  if (name === 'JsonToString' || name === 'Base64Decode')
    return `States.${name} loses backslashes here, so its text may be broken; do it in a Lambda step`;
  if (!INTRINSICS.has(name)) return `States.${name} is unknown; known: ${[...INTRINSICS].join(', ')}`;
  const split = splitArguments(args);
  if (split === undefined) return `the arguments of ${call} do not parse; check its quotes and parentheses`;
  for (const argument of split) {
    const problem = argumentProblem(argument, options);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function argumentProblem(argument: string, options: { mapItem?: boolean }): string | undefined {
  if (argument.startsWith('$')) return pathProblem(argument, options);
  if (argument.startsWith('States.')) return intrinsicProblem(argument, options);
  if (argument.startsWith("'")) {
    if (/[\\()]|\$\$\./.test(argument))
      return `the text ${argument} holds a backslash, a parenthesis or "$$.", which the interpreter misreads; write it in a Lambda step`;
    return undefined;
  }
  return /^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(argument)
    ? undefined
    : `the argument ${argument} is neither a path, a 'text', a number nor an intrinsic function`;
}

function splitArguments(text: string): string[] | undefined {
  if (text.trim() === '') return [];
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (const [index, char] of [...text].entries()) {
    if (char === "'" && text[index - 1] !== '\\') quoted = !quoted;
    if (!quoted && char === '(') depth += 1;
    if (!quoted && char === ')') depth -= 1;
    if (char === ',' && !quoted && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return quoted || depth !== 0 ? undefined : parts.map((part) => part.trim());
}
