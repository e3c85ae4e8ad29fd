import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url);

/** Whether the runbook's commands can be run here: beside the AWS CLI they need a bash and jq. */
export const canRunRunbook = ['bash', 'jq'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** The commands below a heading of the runbook, block by block. @throws when there is no such heading */
export function runbookBlocks(heading: string): readonly string[] {
  const sections = readFileSync(RUNBOOK, 'utf8').split(/^## /m);
  const section = sections.find((candidate) => candidate.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/runbook.md has no heading "${heading}"`);
  return [...section.matchAll(/^```\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

/** Runs commands as somebody does who pastes them; answers what they print. @throws with their words when one of them fails */
export async function runCommands(commands: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<string> {
  return (await run('bash', ['-euo', 'pipefail', '-c', commands], options)).stdout;
}
