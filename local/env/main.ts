/** `npm run env`: the environment files of the applications, from the deployed stacks' outputs or the running laptop stack. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { envFiles, envText } from './env-files.ts';
import { ENV_USAGE, parseEnvOptions } from './options.ts';
import { readDeployment } from './read-deployment.ts';

process.exitCode = main(process.argv.slice(2));

function main(argv: readonly string[]): number {
  try {
    const options = parseEnvOptions(argv);
    if (options === 'help') {
      process.stdout.write(`${ENV_USAGE}\n`);
      return 0;
    }
    const files = Object.entries(envFiles(readDeployment(options)));
    if (options.out === undefined) {
      process.stdout.write(files.map(([name, variables]) => `# ${name}\n${envText(variables)}`).join('\n'));
      return 0;
    }
    const folder = resolve(options.out);
    mkdirSync(folder, { recursive: true });
    for (const [name, variables] of files) {
      writeFileSync(join(folder, name), envText(variables));
      process.stdout.write(`${join(folder, name)}\n`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}
