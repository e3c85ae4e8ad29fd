/**
 * A program of its own: `node load.ts URL RATE SECONDS` asks at a steady rate whether answers come or not, and prints the latencies in
 * milliseconds as JSON, each from when its request was due. `{n}` in the URL is the request's number.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', rate = '200', seconds = '10'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const count = Number(rate) * Number(seconds);
const startedMs = performance.now();
const pending: Promise<number>[] = [];

for (let number = 0; number < count; number += 1) {
  const dueMs = startedMs + (number * 1_000) / Number(rate);
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  // Not from now: a generator that is late would hide what made it late (coordinated omission).
  pending.push(ask(url.replace('{n}', String(number)), dueMs));
}
process.stdout.write(JSON.stringify(await Promise.all(pending)));
agent.destroy();

function ask(target: string, dueMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get(target, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - dueMs);
        else reject(new Error(`${target} answered ${response.statusCode}; expected 200`));
      });
    }).once('error', reject);
  });
}
